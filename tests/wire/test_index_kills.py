#!/usr/bin/python3
"""An import that is killed at any moment, or that the disk has no room for: the index is the old one
or the new one, and the next run works."""

import ctypes
import os
import random
import resource
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from harness import clean_environment, program_path, run_layerproof
from index_files import ask, contents, copy_of, made_up_export

import tap

KILLS = 200
SEED = 5
CLONE_NEWNS = 0x20000


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


def kill_import(folder, index, seconds, *options):
    """Kills an import so long after its start, unless it was quicker: whether it was killed."""
    with subprocess.Popen(import_command(folder, index, *options), env=clean_environment(folder),
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


def check_after_kill(folder, index, states):
    """Which of the states the killed import left."""
    found = contents(index) if (index / "data.mdb").exists() else None
    if found:
        ask(index, "index", "verify")
    left = [name for name, state in states.items() if state == found]
    assert left, f"neither the old nor the new index, but {found}"
    import_new(folder, index)
    tap.equal(contents(index), states["new"], "the index after the next run")
    return left[0]


def kill_often(folder, prepare, states, kills):
    index, counts, killed = folder / "index", {"old": 0, "new": 0}, 0
    moments = random.Random(SEED)
    prepare(index)
    begun = time.monotonic()
    import_new(folder, index)
    whole = time.monotonic() - begun
    for _ in range(kills):
        prepare(index)
        killed += kill_import(folder, index, moments.uniform(0, 1.1 * whole))
        counts[check_after_kill(folder, index, states)] += 1
    tap.comment(f"{killed} of {kills} imports killed; left: {counts}")


def test_kill_of_an_import_into_an_index():
    with workplace(100) as folder:
        before = contents(folder / "old")
        copy_of(folder / "old", folder / "whole")
        import_new(folder, folder / "whole")
        kill_often(folder, lambda index: copy_of(folder / "old", index),
                   {"old": before, "new": contents(folder / "whole")}, KILLS)


def remove(index):
    if index.exists():
        for file in index.iterdir():
            file.unlink()
        index.rmdir()


def test_kill_of_the_first_import():
    """An index that is not there yet, or has nothing in it, is the old one."""
    with workplace(100) as folder:
        import_new(folder, folder / "whole")
        made = contents(folder / "whole")
        index, counts = folder / "index", {"none": 0, "empty": 0, "new": 0}
        moments = random.Random(SEED)
        for _ in range(50):
            remove(index)
            kill_import(folder, index, moments.uniform(0, 0.05))
            stat = run_layerproof("--index", index, "index", "stat")
            if stat.exit == 2:
                tap.contains(stat.stderr, "there is none yet: run `layerproof import`")
                counts["none"] += 1
            elif contents(index)[0] == 0:
                counts["empty"] += 1
            else:
                ask(index, "index", "verify")
                tap.equal(contents(index), made)
                counts["new"] += 1
            import_new(folder, index)
            tap.equal(contents(index), made)
        tap.comment(f"left: {counts}")


def test_kill_of_a_first_import_in_steps():
    """With little memory the first import takes several transactions: no reader sees less than all."""
    with workplace(2000) as folder:
        import_new(folder, folder / "whole")
        made = contents(folder / "whole")
        index, counts = folder / "index", {"none": 0, "empty": 0, "new": 0}
        moments = random.Random(SEED)
        begun = time.monotonic()
        kill_import(folder, index, 60, "--memory", "1M")
        whole = time.monotonic() - begun
        tap.equal(contents(index), made)
        for _ in range(20):
            remove(index)
            kill_import(folder, index, moments.uniform(0.3 * whole, 1.1 * whole), "--memory", "1M")
            stat = run_layerproof("--index", index, "index", "stat")
            if stat.exit == 2:
                tap.contains(stat.stderr, "there is none yet: run `layerproof import`")
                counts["none"] += 1
            else:
                ask(index, "index", "verify")
                found = contents(index)
                tap.equal(found if found[0] else "empty", made if found[0] else "empty")
                counts["new" if found[0] else "empty"] += 1
        import_new(folder, index)
        tap.equal(contents(index), made)
        tap.comment(f"left: {counts}")


def mount_small(folder):
    """A file system of 1 MiB, in a mount table that this process alone sees."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        raise tap.Skip(f"no mount table of our own: {os.strerror(ctypes.get_errno())}")
    small = folder / "small"
    small.mkdir()
    mount("--make-rprivate", "/")
    mount("-t", "tmpfs", "-o", "size=1m", "none", small)
    return small


def mount(*arguments):
    done = subprocess.run(["mount", *arguments], stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise tap.Skip(f"may not mount: {done.stderr.strip()}")


def test_a_full_disk():
    with workplace(3000) as folder:
        small = mount_small(folder)
        try:
            index = copy_of(folder / "old", small / "index")
            before = contents(index)
            ended = run_layerproof(*import_command(folder, index)[1:])
            tap.equal((ended.exit, ended.stdout), (2, ""))
            tap.equal(ended.stderr, f"layerproof: index {index}: cannot commit: no space left on device\n")
            tap.equal(contents(index), before, "the index behind the full disk")
            ask(index, "index", "verify")
            mount("-o", "remount,size=64m", small)
            import_new(folder, index)
            tap.equal(contents(index)[0], 3010)
        finally:
            subprocess.run(["umount", small], check=True)


def test_a_file_that_may_not_grow():
    """As under `ulimit -f`: it is said, and is not the end by a signal."""
    with workplace(3000) as folder:
        before = contents(folder / "old")
        size = (folder / "old/data.mdb").stat().st_size
        done = subprocess.run(
            import_command(folder, folder / "old"), env=clean_environment(folder), check=False,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
        tap.equal((done.returncode, done.stdout), (2, ""))
        tap.contains(done.stderr, f"layerproof: index {folder}/old: cannot commit: ")
        tap.equal(contents(folder / "old"), before)
        import_new(folder, folder / "old")
        tap.equal(contents(folder / "old")[0], 3010)


tap.main(globals())
