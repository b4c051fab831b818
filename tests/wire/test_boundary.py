#!/usr/bin/python3
"""Where our own work begins: what was imported a year ago follows what is learnt today, and the
verdicts of `check` follow with it."""

import tempfile
from pathlib import Path

from exports import import_images
from harness import StubRegistry, build_image, run_layerproof

import tap

SYSTEM = {"etc/passwd": b"root:x:0:0\n" * 100}
RUNTIME = {"usr/bin/runtime": b"a runtime\n" * 500}
LIBRARY = {"app/library": b"our library\n" * 300}
SERVICE = {"app/service": b"our service\n" * 400}
OURS = build_image([SYSTEM, RUNTIME, LIBRARY, SERVICE])
BASE = build_image([SYSTEM, RUNTIME])
NAME = "registry.acme.example/payments/api:1"


def show(index, *arguments, digest=OURS.layers[2]):
    """Boundary and reason of the one image of ours that holds the digest."""
    ended = run_layerproof("--index", index, *arguments, "index", "show", "--json", digest)
    tap.equal(ended.exit, 0, ended.stderr)
    boundary = next(image["boundary"] for image in ended.records[0]["images"]
                    if image["origin"] == "ours")
    return boundary["layers"], boundary["known"], boundary["reason"]


def show_text(index, digest):
    ended = run_layerproof("--index", index, "index", "show", digest)
    return [line.strip() for line in ended.stdout.splitlines() if line.startswith("  base")]


def check(index, reference, *arguments):
    ended = run_layerproof("--index", index, *arguments, "check", reference)
    tap.equal(ended.exit, 0, ended.stderr)
    return ended.findings[0]["verdict"], ended.findings[0]["reason"]


def add_base(index, stub):
    stub.put_image("library/runtime", "1", BASE)
    ended = run_layerproof("--index", index, "add", "--origin", "public",
                           f"{stub.address}/library/runtime:1")
    tap.equal((ended.exit, ended.stderr), (0, ""))


def test_a_public_base_added_today_clears_who_builds_on_it():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        index = import_images(folder, {NAME: OURS})
        graft = build_image([{"other": b"system\n"}, RUNTIME, {"theirs": b"theirs\n" * 99}])
        stub.put_image("stranger/graft", "1", graft)
        tap.equal(show(index), (1, False, "first_layer"))
        tap.equal(check(index, f"{stub.address}/stranger/graft:1"), ("needs_review", "shared_base"))
        add_base(index, stub)
        tap.equal(show(index), (2, False, "known_prefix"))
        tap.equal(check(index, f"{stub.address}/stranger/graft:1"), ("needs_review", "public"))


def test_with_complete_bases_it_proves_who_took_ours():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        index = import_images(folder, {NAME: OURS})
        settings = Path(folder) / "layerproof.conf"
        settings.write_text("[origin]\nbases = complete\n")
        complete = ("--config", settings)
        taken = build_image([SYSTEM, RUNTIME, LIBRARY, {"theirs": b"theirs\n" * 99}])
        stub.put_image("stranger/taken", "1", taken)
        tap.equal(show(index, *complete), (1, False, "first_layer"))
        tap.equal(check(index, f"{stub.address}/stranger/taken:1", *complete),
                  ("needs_review", "shared_base"))
        add_base(index, stub)
        tap.equal(show(index, *complete), (2, True, "complete_bases"))
        tap.equal(check(index, f"{stub.address}/stranger/taken:1", *complete),
                  ("true_positive", "layer"))


def test_what_a_person_says_is_known():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        index = Path(folder) / "index"
        stub.put_image("acme/api", "1", OURS)
        stub.put_image("stranger/taken", "1",
                       build_image([SYSTEM, RUNTIME, LIBRARY, {"theirs": b"theirs\n" * 99}]))
        ours, taken = f"{stub.address}/acme/api:1", f"{stub.address}/stranger/taken:1"
        tap.equal(run_layerproof("--index", index, "add", "--origin", "ours", ours).exit, 0)
        tap.equal(check(index, taken), ("needs_review", "shared_base"))
        tap.equal(run_layerproof("--index", index, "add", "--boundary", "2", ours).exit, 0)
        tap.equal(show(index), (2, True, "set"))
        tap.equal(show_text(index, OURS.digest), ["base      2 layers, known: a person set it"])
        tap.equal(check(index, taken), ("true_positive", "layer"))


def test_history_shows_the_root():
    history = [{"created_by": "COPY certificates /etc/ssl # buildkit"},
               {"created_by": "# debian.sh --arch 'amd64' out/ 'bookworm' '@1740355200'"},
               {"created_by": "ENV A=B", "empty_layer": True},
               {"created_by": "COPY app /app # buildkit"}, {"created_by": "COPY more /app"}]
    image = build_image([SYSTEM, RUNTIME, LIBRARY, SERVICE], config={"history": history})
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        index = Path(folder) / "index"
        stub.put_image("acme/api", "1", image)
        tap.equal(run_layerproof("--index", index, "add", f"{stub.address}/acme/api:1").exit, 0)
        tap.equal(show(index), (2, False, "root_history"))
        tap.equal(show_text(index, image.digest), [
            "base      2 layers, guessed: up to there the image holds the root of an operating "
            "system, by its history or its files"])


def test_content_shows_the_root():
    for place in ("etc/os-release", "./usr/lib/os-release"):
        image = build_image([SYSTEM, {place: b"ID=test\n"}, RUNTIME, SERVICE])
        with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
            index = Path(folder) / "index"
            stub.put_image("acme/api", "1", image)
            name = f"{stub.address}/acme/api:1"
            tap.equal(run_layerproof("--index", index, "add", name).exit, 0)
            tap.equal(show(index, digest=image.digest), (1, False, "first_layer"))
            ended = run_layerproof("--index", index, "add", "--content", name)
            tap.equal((ended.exit, ended.stderr), (0, ""))
            tap.equal(show(index, digest=image.digest), (2, False, "root_history"), place)


tap.main(globals())
