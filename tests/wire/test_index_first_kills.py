#!/usr/bin/python3
"""A first import that is killed at any moment, or an import that the disk has no room for: the index is
the old one, an empty one or the new one, and the next run works."""

import ctypes
import os
import random
import resource
import subprocess
import time

from harness import clean_environment, run_layerproof
from index_files import ask, contents, copy_of
from index_killing import import_command, import_new, kill_import, workplace

import tap

SEED = 5
CLONE_NEWNS = 0x20000


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
