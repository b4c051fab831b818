#!/usr/bin/python3
"""An import into an index that is killed at any moment: the index is the old one or the new one, and
the next run works."""

import random
import time

from index_files import ask, contents, copy_of
from index_killing import import_new, kill_import, workplace

import tap

KILLS = 200
SEED = 5


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


tap.main(globals())
