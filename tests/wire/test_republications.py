#!/usr/bin/python3
"""What `make eval` demands of every verdict, held on the quick part of its images and columns."""

import sys
import tempfile
from pathlib import Path

from harness import program_path

import tap

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "eval"))

import republish  # noqa: E402
import rules  # noqa: E402
import strangers  # noqa: E402
from columns import Bench, Servers  # noqa: E402
from corpus import Corpus, Materials  # noqa: E402

# Those that compress long or unpack.
SLOW = ("zopfli", "zstd -19", "zstd:chunked", "libdeflate-gzip", "buildah", "squashed")


def publish(servers, corpus, kind, operations):
    return [servers.publish(f"{kind}-{place}", "quick", name, kind, operation(corpus))
            for place, (name, operation) in enumerate(operations.items()) if not name.startswith(SLOW)]


def judge(kind, operations):
    """Every rule that a verdict at depth decisive breaks, with all bases in the index and with none."""
    materials = Materials()
    corpus, own = Corpus(materials, with_history=True), materials.own_diff_ids()
    with tempfile.TemporaryDirectory(prefix="layerproof-eval-") as folder, Servers(Path(folder)) as servers:
        images = servers.publish_corpus(corpus)
        rows = publish(servers, corpus, kind, operations)
        bench = Bench(program_path(), Path(folder))
        broken = []
        for column in (("everything", "none"), ("everything", "all")):
            options = bench.make_index(*column, corpus, images, servers.whole.address)
            cells = bench.measure(options, rows, ("decisive",))
            broken += [(row.name, column[1], text) for row in rows for text in rules.check_cell(
                row, column, "decisive", cells[row.name, "decisive"], corpus.own_stacks(), own)]
        tap.equal(broken, [], "broken rules")


def test_what_keeps_a_layer_of_ours_is_proved_by_the_smallest():
    judge(rules.OURS, republish.OPERATIONS)


def test_no_stranger_is_accused():
    judge(rules.STRANGER, strangers.OPERATIONS)


tap.main(globals())
