#!/usr/bin/python3
"""What must hold of any import: the order of files does not matter, twice is once, forgetting undoes,
and an export makes the same index again."""

import itertools
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
NOTHING = ("looked at: 0 images, 0 digests, 0 postings, 0 stacks, 0 names, 0 sources\n"
           "all sound\n")


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
        tap.equal(ask(index, "index", "verify"), NOTHING)


def test_the_last_image_takes_names_and_sources_along():
    for _rng, folder, files in itertools.islice(each_round(), 3):
        index = folder / "index"
        for file in files:
            import_file(index, file)
        for _ in range(100):
            images = ask(index, "index", "list", "--json").splitlines()
            sources = json.loads(ask(index, "index", "stat", "--json"))["sources"]
            for source in sources:
                assert ask(index, "index", "list", "--source", source["name"]), source["name"]
            if not images:
                break
            ask(index, "index", "forget", "--image", json.loads(images[0])["name"])
        tap.equal(ask(index, "index", "verify"), NOTHING)
        for file in files:
            import_file(index, file)
            import_file(folder / "other", file)
        tap.equal(export_of(index), export_of(folder / "other"))


def test_many_images_of_the_same_digests():
    """Images that are all held by the same few digests are told apart by what else they say."""
    records = [{"name": f"r.example/app{n}:1", "digest": digest("top", n % 3), "platform": platform}
               for n in range(300) for platform in ("linux/amd64", "linux/arm64")]
    with tempfile.TemporaryDirectory(prefix="layerproof-test-") as folder:
        folder = Path(folder)
        some = write_export(folder / "some.ndjson", records[:-30])
        everything = write_export(folder / "everything.ndjson", reversed(records))
        for memory in ("1M", "128M"):
            index = folder / memory
            import_file(index, some)
            said = ask(index, "import", "--memory", memory, everything)
            tap.contains(said, "new in the index: 30 images, 0 digests\n", "second import")
            tap.equal(len(ask(index, "index", "list", "--source", some.name).splitlines()), 570)
            tap.equal(len(ask(index, "index", "list").splitlines()), 600)
            import_file(folder / f"other-{memory}", everything)
            import_file(folder / f"other-{memory}", some)
            tap.equal(export_of(index), export_of(folder / f"other-{memory}"))


def test_forgetting_in_little_memory():
    """More digests than the memory has room for: they are sorted on disk."""
    records = [{"name": f"r.example/app{n % 700}:{n}", "digest": digest("top", n),
                "layers": [digest("blob", layer) for layer in (0, n % 50 + 1, 100 + n, 9000 + n)]}
               for n in range(4000)]
    with tempfile.TemporaryDirectory(prefix="layerproof-test-") as folder:
        folder = Path(folder)
        few = write_export(folder / "few.ndjson", records[::9])
        many = write_export(folder / "many.ndjson", records)
        import_file(folder / "expected", few)
        for memory in ("1M", "128M"):
            index = folder / memory
            import_file(index, few)
            import_file(index, many)
            said = ask(index, "index", "forget", "--memory", memory, "--source", many.name)
            tap.equal(said, "forgotten: 1 sources, 3555 images, 10665 digests; "
                            "445 images stay, which others name\n")
            tap.equal(export_of(index), export_of(folder / "expected"))


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
