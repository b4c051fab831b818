"""Imports that are killed."""

import signal
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from harness import clean_environment, program_path, run_layerproof
from index_files import made_up_export

import tap


@contextmanager
def workplace(count):
    """A folder with an index of ten images as `old`, and an export of `count` as `new.ndjson`."""
    with tempfile.TemporaryDirectory(prefix="layerproof-test-") as folder:
        folder = Path(folder)
        first = made_up_export(folder / "old.ndjson", "old", 10)
        tap.equal(run_layerproof("--index", folder / "old", "import", first).exit, 0)
        made_up_export(folder / "new.ndjson", "new", count)
        yield folder


def import_command(folder, index, *options):
    return [program_path(), "--index", index, "import", *options, folder / "new.ndjson"]


def mortal_environment(folder):
    """That of a process that is killed: the kill may fall into the search for leaks at its end, which
    then says that it lost a thread."""
    environment = clean_environment(folder)
    asked = environment.get("ASAN_OPTIONS", "")
    return {**environment, "ASAN_OPTIONS": f"{asked}:detect_leaks=0".lstrip(":")}


def kill_import(folder, index, seconds, *options):
    """Kills an import so long after its start, unless it was quicker: whether it was killed."""
    with subprocess.Popen(import_command(folder, index, *options), env=mortal_environment(folder),
                          stdout=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    assert process.returncode in (0, -signal.SIGKILL), process.returncode
    return process.returncode != 0


def import_new(folder, index):
    ended = run_layerproof(*import_command(folder, index)[1:])
    tap.equal((ended.exit, ended.stderr), (0, ""), "the next run")
