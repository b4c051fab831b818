#!/usr/bin/python3
"""What must hold of any import: the order of files does not matter, twice is once, forgetting undoes,
and an export makes the same index again."""

import json
import random
import re
import tempfile
from pathlib import Path

from harness import run_layerproof
from index_files import ask, digest, write_export

import tap

SEED = 5
ROUNDS = 12


def pick(rng, kind, most):
    return digest(kind, rng.randrange(most))


def made_up_record(rng):
    """Few digests and names, so that images meet; stacks share their bottom."""
    depth = rng.randrange(5)
    stack = [f"{n}/{rng.randrange(1 + n)}" for n in range(depth)]
    record = {"name": f"registry.acme.example/app{rng.randrange(4)}:{rng.randrange(3)}",
              "digest": pick(rng, "top", 20),
              "origin": rng.choice(["ours", "ours", "ours", "public", "third_party", "unknown"])}
    if rng.random() < 0.7:
        record["layers"] = [digest("blob", layer) for layer in stack]
    if rng.random() < 0.7:
        record["diff_ids"] = [digest("tar", layer) for layer in stack]
    if rng.random() < 0.3:
        record["platform"] = rng.choice(["linux/amd64", "linux/arm64"])
    return record


def made_up_files(folder, rng):
    return [write_export(folder / f"{name}.ndjson",
                         [made_up_record(rng) for _ in range(rng.randrange(1, 30))])
            for name in "abcd"]


def import_file(index, file):
    tap.equal(run_layerproof("--index", index, "import", file).exit, 0)


def export_of(index):
    """Without the times, in which runs differ; the index is sound."""
    ask(index, "index", "verify")
    return re.sub(r'"(imported_at|file)":"[^"]*"', "", ask(index, "index", "export"))


def each_round():
    for number in range(ROUNDS):
        rng = random.Random(SEED * 1000 + number)
        with tempfile.TemporaryDirectory(prefix="layerproof-test-") as folder:
            folder = Path(folder)
            yield rng, folder, made_up_files(folder, rng)


def test_any_order_and_twice():
    for rng, folder, files in each_round():
        for file in files:
            import_file(folder / "one", file)
        shuffled = files + [rng.choice(files)]
        rng.shuffle(shuffled)
        for file in shuffled:
            import_file(folder / "two", file)
        tap.equal(export_of(folder / "two"), export_of(folder / "one"))


def test_forgetting_undoes_an_import():
    for _rng, folder, files in each_round():
        index, states = folder / "index", []
        for file in files:
            import_file(index, file)
            states.append(export_of(index))
        for file in reversed(files[1:]):
            states.pop()
            ask(index, "index", "forget", "--source", file.name)
            tap.equal(export_of(index), states[-1])


def test_forgetting_everything_leaves_nothing():
    for _rng, folder, files in each_round():
        index = folder / "index"
        for file in files:
            import_file(index, file)
        for file in files:
            ask(index, "index", "forget", "--source", file.name)
        tap.equal(export_of(index), "")
        stat = json.loads(ask(index, "index", "stat", "--json"))
        tap.equal((stat["images"], stat["digests"], sum(stat["identities"].values())), (0, 0, 0))


def test_an_image_is_forgotten():
    for rng, folder, files in each_round():
        index = folder / "index"
        for file in files:
            import_file(index, file)
        image = json.loads(rng.choice(ask(index, "index", "list", "--json").splitlines()))
        ask(index, "index", "forget", "--image", image["name"])
        names = [json.loads(line)["name"] for line in ask(index, "index", "list", "--json").splitlines()]
        assert image["name"] not in names, image["name"]
        export_of(index)


def test_an_export_makes_the_same_index():
    for _rng, folder, files in each_round():
        for file in files:
            import_file(folder / "one", file)
        exported = ask(folder / "one", "index", "export")
        (folder / "export").write_text(exported)
        import_file(folder / "two", folder / "export")
        tap.equal(ask(folder / "two", "index", "export"), exported)
        ask(folder / "two", "index", "verify")


tap.main(globals())
