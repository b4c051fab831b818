#!/usr/bin/python3
"""Copies of our image that hold none of its layers: flattened and packed anew by umoci, onto nothing
and onto another base, recompressed by skopeo. Its files tell; a stranger's flat image of what both are
built on, or of what both installed, tells nothing."""

import random
import tempfile
from pathlib import Path

from harness import Registry, build_image, push_image, run_layerproof, run_tool, write_layout

import tap

NOISE = random.Random(6)


def bytes_of(size):
    return NOISE.randbytes(size)


ROOT_FILES = {"etc/os-release": b"ID=test\n" * 20, "usr/lib/libc.so": bytes_of(1 << 20),
              "usr/share/doc/licence": bytes_of(70000)}
RUNTIME = {"opt/runtime/bin/run": bytes_of(1 << 20), "opt/runtime/lib/a": bytes_of(40000),
           "opt/runtime/lib/b": bytes_of(40000)}
APP = {"srv/app/main": bytes_of(50000), "srv/app/data": bytes_of(20000), "srv/app/conf": bytes_of(300)}
DEBIAN_LIST = {"var/lib/dpkg/status": b"Package: tool\n" * 20}
TOOL = {"usr/bin/tool": bytes_of(2 << 20)}
LIBRARY = {"usr/lib/python3/site-packages/wheel/native.so": bytes_of(2 << 20)}

BASE = build_image([ROOT_FILES])
OURS = build_image([ROOT_FILES, RUNTIME, APP])
OTHER_BASE = build_image([{"etc/os-release": b"ID=other\n" * 20, "usr/lib/other.so": bytes_of(200000)}])


class World:
    """A folder with layouts `ours` and `theirs`, and an index of our own."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="layerproof-test-")
        self.path = Path(self._folder.name)

    def __enter__(self):
        write_layout(self.path / "ours", {"app": OURS, "base": BASE})
        return self

    def __exit__(self, *_reason):
        run_tool("chmod", "-R", "u+rwx", self.path)
        self._folder.cleanup()

    def run(self, *arguments, exit_code=0, **how):
        ended = run_layerproof("--index", self.path / "index", *arguments, **how)
        tap.equal((ended.exit, ended.stderr), (exit_code, ""), arguments)
        return ended

    def add(self, tag="app", *options, layout="ours"):
        self.run("add", "-q", "--content", *options, f"oci:{self.path / layout}:{tag}")

    def check(self, tag, *options, layout="theirs"):
        ended = self.run("check", "--depth", "full", *options, f"oci:{self.path / layout}:{tag}")
        return ended.findings[0]

    def flatten(self, tag, *, onto=None, layout="ours"):
        """Unpacks our image with umoci and inserts its root as one layer of another."""
        root, theirs = self.path / f"root-{tag}", self.path / "theirs"
        run_tool("umoci", "unpack", "--rootless", "--image", f"{self.path / layout}:{tag}", root)
        if onto is None:
            if not theirs.exists():
                run_tool("umoci", "init", "--layout", theirs)
            run_tool("umoci", "new", "--image", f"{theirs}:flat")
        else:
            write_layout(theirs, {"flat": onto})
        run_tool("umoci", "insert", "--rootless", "--image", f"{theirs}:flat", root / "rootfs", "/")


def paths(finding):
    return sorted(item["path"] for item in finding["evidence"] if item["identity"] == "file")


def said(finding):
    return finding["verdict"], finding["reason"], finding["coverage"].get("files")


MINE = ("true_positive", "files", {"ours": 3, "bytes": 70300})


def test_a_flattened_copy_is_found_by_its_files():
    with World() as world:
        world.add("base", "--origin", "public")
        world.add()
        world.flatten("app")
        finding = world.check("flat")
        tap.equal(said(finding), MINE)
        tap.equal(paths(finding), sorted(APP))
        tap.equal({item["basis"] for item in finding["evidence"]}, {"top_layer"})
        tap.equal({item["level"] for item in finding["evidence"]}, {"hashed"})


def test_onto_another_base_and_recompressed():
    with World() as world:
        world.add("base", "--origin", "public")
        world.add()
        world.flatten("app", onto=OTHER_BASE)
        run_tool("skopeo", "copy", "--dest-compress-format", "zstd", f"oci:{world.path}/theirs:flat",
                 f"oci:{world.path}/again:flat")
        for layout in ("theirs", "again"):
            finding = world.check("flat", layout=layout)
            tap.equal(said(finding), MINE, layout)
            tap.equal({item["layer"] for item in finding["evidence"]}, {1}, layout)


def test_above_a_known_boundary_all_layers_tell():
    with World() as world:
        world.add("base", "--origin", "public")
        world.add("app", "--boundary", "1")
        world.flatten("app")
        finding = world.check("flat")
        tap.equal(finding["reason"], "files")
        tap.equal(paths(finding), sorted([*APP, *RUNTIME]))
        tap.equal({item["basis"] for item in finding["evidence"]}, {"known_boundary"})


def test_a_strangers_flat_image_of_the_same_base_is_none_of_ours():
    stranger = {**ROOT_FILES, **RUNTIME, "srv/theirs": bytes_of(100000)}
    for knows_base in (True, False):
        with World() as world:
            if knows_base:
                world.add("base", "--origin", "public")
            world.add()
            write_layout(world.path / "theirs", {"flat": build_image([stranger])})
            tap.equal(said(world.check("flat")), ("needs_review", "no_match", None), knows_base)


def test_what_packages_bring_is_none_of_ours():
    stranger = build_image([{**TOOL, **LIBRARY, "srv/theirs": bytes_of(1000)}])
    for layer in ({**DEBIAN_LIST, **TOOL}, LIBRARY):
        with World() as world:
            write_layout(world.path / "ours", {"app": build_image([ROOT_FILES, layer])})
            world.add("app", "--boundary", "1")
            write_layout(world.path / "theirs", {"flat": stranger})
            tap.equal(said(world.check("flat")), ("needs_review", "no_match", None), sorted(layer))


def test_a_public_image_clears_its_files_wherever_they_lie():
    with World() as world:
        world.add()
        write_layout(world.path / "ours", {"public": build_image([{"elsewhere/" + path: data for path, data
                                                                   in APP.items()}])})
        world.add("public", "--origin", "public")
        write_layout(world.path / "theirs", {"flat": build_image([{**ROOT_FILES, **APP}])})
        tap.equal(said(world.check("flat")), ("needs_review", "no_match", None))


def test_what_an_upper_layer_deletes_is_shipped_all_the_same():
    with World() as world:
        world.add()
        deleted = {f"srv/app/.wh.{Path(path).name}": b"" for path in APP}
        write_layout(world.path / "theirs", {"flat": build_image([{**ROOT_FILES, **APP}, deleted])})
        tap.equal(said(world.check("flat")), MINE)


def test_few_files_are_told_and_prove_nothing():
    with World() as world:
        world.add()
        write_layout(world.path / "theirs", {"flat": build_image([{"x": APP["srv/app/main"],
                                                                   "y": APP["srv/app/data"]}])})
        finding = world.check("flat")
        tap.equal(said(finding), ("needs_review", "no_match", {"ours": 2, "bytes": 70000}))
        tap.equal(finding["summary"], "nothing matches but 2 files of ours, 70000 bytes in all: too little "
                                      "to rest a verdict on")


def test_a_layer_hashed_before_is_looked_into_all_the_same():
    """By an earlier run, and for another candidate of this one, from a registry."""
    with World() as world, Registry() as registry, tempfile.TemporaryDirectory() as cache:
        world.add()
        flat = build_image([{**ROOT_FILES, **APP}])
        names = [f"{registry.address}/{name}:1" for name in ("one/flat", "two/flat")]
        push_image(flat, registry, "one/flat:1")
        push_image(build_image([{**ROOT_FILES, **APP}], config={"author": "another"}), registry,
                   "two/flat:1")
        environment = {"XDG_CACHE_HOME": cache}
        decisive = world.run("check", names[0], "--depth", "decisive", environment=environment)
        tap.equal(decisive.findings[0]["reason"], "no_match")
        for options in ((), ("--no-cache",), ()):
            ended = world.run("check", "--depth", "full", "--ordered", "--jobs", "1", *options, *names,
                              environment=environment)
            tap.equal([said(finding) for finding in ended.findings], [MINE, MINE], options)
            tap.equal(ended.findings[1]["coverage"]["bytes"]["fetched"], 0, options)


if __name__ == "__main__":
    tap.main(globals())
