#!/usr/bin/python3
"""Several processes that write one index, and signals to one that writes."""

import fcntl
import os
import signal
import struct
import tempfile
import termios
import time
from contextlib import contextmanager
from pathlib import Path

from harness import run_layerproof
from index_files import contents, is_being_opened, made_up_export, writer_of
from running import Running

import tap

MANY = 5_000  # images: their import holds the index for long enough to be caught at it


@contextmanager
def workplace():
    with tempfile.TemporaryDirectory(prefix="layerproof-test-") as folder:
        folder = Path(folder)
        run = run_layerproof("--index", folder / "index", "import", "--source", "first",
                             made_up_export(folder / "first.ndjson", "first", 10))
        tap.equal((run.exit, run.stderr), (0, ""))
        made_up_export(folder / "many.ndjson", "many", MANY)
        made_up_export(folder / "few.ndjson", "few", 3)
        yield folder


def importing(folder, file, *options):
    return Running("--index", folder / "index", "import", *options, "--source", file,
                   folder / f"{file}.ndjson")


def wait_for_writer(index, run):
    """Until `run` holds the index. The look is nearer to a spin than to a nap: the hold is short."""
    deadline = time.monotonic() + 60
    while writer_of(index) != run.process.pid:
        assert run.process.poll() is None and time.monotonic() < deadline, "it never wrote"
        time.sleep(0.0005)


def stop(run):
    run.signal(signal.SIGSTOP)
    os.waitid(os.P_PID, run.process.pid, os.WSTOPPED | os.WNOWAIT)


@contextmanager
def held(folder):
    """A process that stands still in the middle of its import."""
    with importing(folder, "many") as holder:
        wait_for_writer(folder / "index", holder)
        stop(holder)
        while is_being_opened(folder / "index"):
            holder.signal(signal.SIGCONT)
            time.sleep(0.001)
            stop(holder)
        tap.equal(writer_of(folder / "index"), holder.process.pid, "who writes")
        yield holder


def images_of(index):
    return contents(index)[0]


def test_no_wait_names_who_writes():
    with workplace() as folder, held(folder) as holder:
        ended = run_layerproof("--index", folder / "index", "import", "--no-wait", "--source", "few",
                               folder / "few.ndjson")
        tap.equal((ended.exit, ended.stdout, ended.stderr), (
            2, "", f"layerproof: index {folder}/index: another layerproof (pid {holder.process.pid}) "
            "writes it: try again when it has ended\n"))


def test_add_without_waiting_reads_nothing():
    with workplace() as folder, held(folder) as holder:
        ended = run_layerproof("--index", folder / "index", "add", "--no-wait",
                               f"oci:{folder}/nowhere")
        tap.equal((ended.exit, ended.stdout, ended.stderr), (
            2, "", f"layerproof: index {folder}/index: another layerproof (pid {holder.process.pid}) "
            "writes it: try again when it has ended\n"))


def test_readers_do_not_wait():
    with workplace() as folder, held(folder):
        tap.equal(images_of(folder / "index"), 10)


def waiting_text(folder, holder):
    return (f"layerproof: index {folder}/index: waiting for another layerproof "
            f"(pid {holder.process.pid}) that writes the index\n")


def test_the_second_waits_and_both_are_in():
    with workplace() as folder, held(folder) as holder, importing(folder, "few") as second:
        second.wait_for(lambda: second.errors, "a word about the wait")
        holder.signal(signal.SIGCONT)
        ended = second.wait()
        tap.equal((ended.exit, ended.stderr), (0, waiting_text(folder, holder)))
        tap.equal(holder.wait().exit, 0)
        tap.equal(images_of(folder / "index"), 10 + MANY + 3)


def interrupt_while_waiting(number, code):
    with workplace() as folder, held(folder) as holder, importing(folder, "few") as second:
        second.wait_for(lambda: second.errors, "a word about the wait")
        second.signal(number)
        ended = second.wait()
        tap.equal((ended.exit, ended.stdout, ended.stderr), (code, "", waiting_text(folder, holder)))
        tap.equal(images_of(folder / "index"), 10)


def test_interrupt_while_waiting():
    interrupt_while_waiting(signal.SIGINT, 130)


def test_termination_while_waiting():
    interrupt_while_waiting(signal.SIGTERM, 143)


def test_a_killed_writer_is_in_nobodys_way():
    with workplace() as folder, held(folder) as holder, importing(folder, "few") as second:
        second.wait_for(lambda: second.errors, "a word about the wait")
        holder.process.kill()
        holder.process.wait()
        tap.equal(second.wait().exit, 0)
        tap.equal(images_of(folder / "index"), 13)
        tap.equal(importing_now(folder, "many"), 0)
        tap.equal(images_of(folder / "index"), 10 + MANY + 3)


def importing_now(folder, file):
    return run_layerproof("--index", folder / "index", "import", "--source", file,
                          folder / f"{file}.ndjson").exit


def interrupt_while_writing(number, code):
    with workplace() as folder:
        before = contents(folder / "index")
        with held(folder) as writer:
            writer.signal(number)
            writer.signal(signal.SIGCONT)
            ended = writer.wait()
        tap.equal((ended.exit, ended.stdout, ended.stderr), (code, "", ""))
        tap.equal(contents(folder / "index"), before)
        tap.equal(importing_now(folder, "many"), 0)


def test_interrupt_while_writing():
    interrupt_while_writing(signal.SIGINT, 130)


def test_termination_while_writing():
    interrupt_while_writing(signal.SIGTERM, 143)


def has_read_all(run):
    """Whether nothing of what was sent is left in the pipe."""
    left = fcntl.ioctl(run.process.stdin, termios.FIONREAD, struct.pack("i", 0))
    return struct.unpack("i", left) == (0,)


def interrupt_while_reading(number, code):
    with workplace() as folder:
        before = contents(folder / "index")
        with Running("--index", folder / "index", "import", "-") as run:
            run.send((folder / "few.ndjson").read_text())
            run.wait_for(lambda: has_read_all(run), "the export read")
            run.signal(number)
            ended = run.wait(timeout=20)
        tap.equal((ended.exit, ended.stdout, ended.stderr), (code, "", ""))
        tap.equal(contents(folder / "index"), before)


def test_interrupt_while_reading():
    interrupt_while_reading(signal.SIGINT, 130)


def test_termination_while_reading():
    interrupt_while_reading(signal.SIGTERM, 143)


def test_a_new_index_is_made_by_one_of_two():
    with tempfile.TemporaryDirectory(prefix="layerproof-test-") as folder:
        folder = Path(folder)
        for series in ("one", "two"):
            made_up_export(folder / f"{series}.ndjson", series, 50)
        with importing(folder, "one") as one, importing(folder, "two") as two:
            tap.equal((one.wait().exit, two.wait().exit), (0, 0))
        tap.equal(images_of(folder / "index"), 100)


tap.main(globals())
