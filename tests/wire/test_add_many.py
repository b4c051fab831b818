#!/usr/bin/python3
"""`add` of many references: from standard input, by repository, and with an end in the middle."""

import json
import signal
import subprocess
import tempfile
from pathlib import Path

from harness import (Reply, Registry, StubRegistry, build_image, push_image, run_layerproof)
from running import Running
from terminal import Terminal

import tap

IMAGES = [build_image([{"base": b"base\n"}, {"app": b"%d\n" % number * 100}])
          for number in range(5)]


def names(index):
    ended = run_layerproof("--index", index, "index", "list", "--json")
    tap.equal(ended.exit, 0, ended.stderr)
    return sorted(image["name"] for image in ended.records)


def tags_reply(tags, link=None):
    headers = {"Content-Type": "application/json"}
    if link:
        headers["Link"] = link
    return Reply(200, headers, json.dumps({"name": "acme/app", "tags": tags}).encode())


def put_tags(stub, tags):
    for tag, image in zip(tags, IMAGES):
        stub.put_image("acme/app", tag, image)


def pages(stub, **pages_by_last):
    """`last` of a page's query to its reply; "first" for the one without."""
    stub.script("/v2/acme/app/tags/list", lambda request: pages_by_last[
        request.query.get("last", ["first"])[0]])


def add(index, *arguments, stdin=""):
    return run_layerproof("--index", index, "add", *arguments, stdin=stdin)


def test_list_on_standard_input():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        index = Path(folder) / "index"
        put_tags(stub, ["1", "2", "3"])
        lines = ["# three of ours", "", f"  {stub.address}/acme/app:1",
                 json.dumps({"ref": f"{stub.address}/acme/app:2", "seen": "today"}),
                 json.dumps({"image": f"docker://{stub.address}/acme/app:3"}), '{"no": "ref"}',
                 "No Reference"]
        ended = add(index, "--origin", "public", "-", stdin="\n".join(lines))
        tap.equal(ended.exit, 3)
        tap.equal(ended.stderr.splitlines(), [
            'layerproof: {"no": "ref"}: candidate: neither "ref" nor "image" is there',
            "layerproof: No Reference: character 3 is a blank"])
        tap.equal(ended.stdout.splitlines()[0],
                  "3 images read: 0 ours, 0 third-party, 3 public")
        tap.equal(names(index), [f"{stub.address}/acme/app:{tag}" for tag in (1, 2, 3)])


def test_all_tags_of_a_repository():
    with tempfile.TemporaryDirectory() as folder, Registry() as registry:
        index = Path(folder) / "index"
        for tag, image in zip(["1", "2", "latest"], IMAGES):
            push_image(image, registry, f"acme/app:{tag}")
        push_image(IMAGES[4], registry, "acme/other:1")
        ended = add(index, f"{registry.address}/acme/app:*")
        tap.equal((ended.exit, ended.stderr), (0, ""))
        tap.contains(ended.stdout, "3 images read: 3 ours", "output")
        tap.equal(names(index), [f"{registry.address}/acme/app:{tag}"
                                 for tag in ("1", "2", "latest")])


def test_pages_of_tags():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        index = Path(folder) / "index"
        put_tags(stub, ["1", "2", "3", "4", "5"])
        pages(stub, first=tags_reply(["1", "2"], '</v2/acme/app/tags/list?n=1000&last=2>; '
                                     'rel="next"'),
              **{"2": tags_reply(["2", "3"], f'<{stub.url}/v2/acme/app/tags/list?last=3>;rel=next'),
                 "3": tags_reply(["4", "5"], '</elsewhere>; rel="prev"')})
        ended = add(index, "-", stdin=f"{stub.address}/acme/app:*\n")
        tap.equal((ended.exit, ended.stderr), (0, ""))
        tap.equal([request.target for request in stub.requests
                   if request.path.endswith("/tags/list")],
                  ["/v2/acme/app/tags/list?n=1000", "/v2/acme/app/tags/list?n=1000&last=2",
                   "/v2/acme/app/tags/list?last=3"])
        tap.equal(names(index), [f"{stub.address}/acme/app:{tag}" for tag in range(1, 6)])


def refused(link, reason, tags=("1",)):
    """The list leads on to where nobody is to be asked: an error, and not one request more."""
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub, StubRegistry() as other:
        index = Path(folder) / "index"
        put_tags(stub, ["1"])
        link = link.format(other=other.url, stub=stub.url)
        stub.script("/v2/acme/app/tags/list", tags_reply(list(tags), link))
        ended = add(index, f"{stub.address}/acme/app:*")
        reason = reason.format(other=other.address, stub=stub.address)
        tap.equal((ended.exit, ended.stdout), (2, ""))
        tap.equal(ended.stderr, f"layerproof: {stub.address}/acme/app:*: {stub.address}: {reason}\n")
        tap.equal(other.requests, [])
        return [request.path for request in stub.requests]


def test_next_page_elsewhere_is_not_asked_for():
    once = ["/v2/acme/app/tags/list"]
    tap.equal(refused('<{other}/v2/acme/app/tags/list?last=1>; rel="next"',
                      "the next page is said to be at {other}: not asked"), once)
    tap.equal(refused('<//evil.example/v2/acme/app/tags/list?last=1>; rel="next"',
                      "the next page is said to be at evil.example: not asked"), once)
    tap.equal(refused('</v2/acme/secret/tags/list?last=1>; rel="next"',
                      "the next page of the tags is no list of tags"), once)
    tap.equal(refused('</v2/acme/app/manifests/1>; rel="next"',
                      "the next page of the tags is no list of tags"), once)
    tap.equal(refused("nonsense", "the Link header is none"), once)


def test_pages_that_go_round_in_circles_end():
    asked = refused('</v2/acme/app/tags/list?n=1000>; rel="next"',
                    "a page of the tags brings nothing new")
    tap.equal(len(asked), 2, "pages asked for")


def test_what_is_no_list_of_tags():
    for body, reason in ((b"[]", "tags: not an object"), (b'{"tags": ["1", 2]}', "tags: tags[1]: not a string"),
                         (b"{", "tags: line 1 column")):
        with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
            stub.script("/v2/acme/app/tags/list",
                        Reply(200, {"Content-Type": "application/json"}, body))
            ended = add(Path(folder) / "index", f"{stub.address}/acme/app:*")
            tap.equal(ended.exit, 2)
            tap.contains(ended.stderr, f"/acme/app:*: {stub.address}: {reason}", "message")


def test_tags_that_are_no_names():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        index = Path(folder) / "index"
        put_tags(stub, ["1"])
        stub.script("/v2/acme/app/tags/list", tags_reply(["../../x", "a b", "1"]))
        ended = add(index, f"{stub.address}/acme/app:*")
        tap.equal(ended.exit, 3)
        tap.equal([line.partition(": ")[2].partition(": ")[0] for line in ended.stderr.splitlines()],
                  [f"{stub.address}/acme/app:../../x", f"{stub.address}/acme/app:a b"])
        tap.equal([request.path for request in stub.requests if "manifests" in request.path],
                  ["/v2/acme/app/manifests/1"])
        tap.equal(names(index), [f"{stub.address}/acme/app:1"])


def test_repository_without_tags_and_none_at_all():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        index = Path(folder) / "index"
        stub.script("/v2/acme/app/tags/list", Reply(200, {}, b'{"name":"acme/app","tags":null}'))
        ended = add(index, f"{stub.address}/acme/app:*")
        tap.equal((ended.exit, ended.stdout, ended.stderr), (0, "", ""))
        stub.script("/v2/acme/app/tags/list", Reply(404, {}, b""))
        ended = add(index, f"{stub.address}/acme/app:*")
        tap.equal((ended.exit, ended.stderr), (
            2, f"layerproof: {stub.address}/acme/app:*: {stub.address}: HTTP status 404 (may be "
               "hidden from those without a login)\n"))


def test_jobs_bound_how_many_are_asked_at_once():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        for tag in "12345":
            stub.put_image("acme/app", tag, IMAGES[0])
            stub.script(f"/v2/acme/app/manifests/{tag}", lambda request: Reply(
                200, {"Content-Type": IMAGES[0].media_type}, IMAGES[0].document, delay=0.1))
        references = [f"{stub.address}/acme/app:{tag}" for tag in "12345"]
        ended = add(Path(folder) / "one", "--jobs", "1", *references)
        tap.equal((ended.exit, stub.most_at_once), (0, 1))
        ended = add(Path(folder) / "many", "--jobs", "5", *references)
        tap.equal(ended.exit, 0)
        tap.equal(stub.most_at_once > 1, True, "several at once")


def test_registry_that_asks_to_wait_holds_up_no_other():
    """What was refused is begun anew, and what it brought before is not added twice."""
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as busy, StubRegistry() as other:
        index = Path(folder) / "index"
        busy.put_image("acme/app", "1", IMAGES[0])
        other.put_image("acme/app", "2", IMAGES[1])
        config = IMAGES[0].parsed["config"]["digest"]
        busy.script(f"/v2/acme/app/blobs/{config}", Reply(429, {"Retry-After": "4"}), None)
        references = [f"{busy.address}/acme/app:1", f"{other.address}/acme/app:2"]
        ended = add(index, "--jobs", "1", *references)
        tap.equal((ended.exit, ended.stderr), (0, ""))
        tap.contains(ended.stdout, "2 images read: 2 ours", "output")
        tap.equal(names(index), sorted(references))
        done = max(request.arrived for request in other.requests)
        tap.equal(done < max(request.arrived for request in busy.requests), True,
                  "the other was read meanwhile")


def slow(stub, *tags):
    for tag in tags:
        stub.put_image("acme/app", tag, IMAGES[0])
        stub.script(f"/v2/acme/app/manifests/{tag}", lambda request: Reply(
            200, {"Content-Type": IMAGES[0].media_type}, IMAGES[0].document, delay=0.7))


def test_progress_on_a_terminal():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        slow(stub, "1", "2", "3")
        references = [f"{stub.address}/acme/app:{tag}" for tag in "123"]
        command = ("--index", Path(folder) / "index", "add", "--jobs", "1")
        shown = Terminal(*command, *references, stdin=subprocess.DEVNULL).wait()
        tap.equal(shown.lines[0].startswith("0 of 3 read, 0.0/s: 0 images, 0 failures; "), True,
                  shown.lines[0])
        tap.equal(any(line.startswith("2 of 3 read, ") and ": 2 images, 0 failures; " in line
                      for line in shown.lines), True, str(shown.lines))
        tap.equal(shown.screen, [], "what is left on the terminal")
        shown = Terminal(*command, f"{stub.address}/acme/app:*", stdin=subprocess.DEVNULL).wait()
        tap.equal(shown.lines[0].startswith("0 read, "), True, shown.lines[0])
        lines = tempfile.TemporaryFile()
        lines.write(f"{stub.address}/acme/app:*\n".encode())
        lines.seek(0)
        shown = Terminal(*command, "-", stdin=lines).wait()
        tap.equal(any(line.startswith("2 read, ") for line in shown.lines), True, str(shown.lines))


def test_interrupt_keeps_what_was_read():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        index = Path(folder) / "index"
        put_tags(stub, ["1", "2"])
        read = [f"{stub.address}/acme/app:{tag}" for tag in (1, 2)]
        with Running("--index", index, "add", "-") as run:
            run.send("".join(line + "\n" for line in read))
            run.wait_for(lambda: len(stub.requests) == 4, "both images are asked for")
            run.signal(signal.SIGINT)
            ended = run.finish()
        tap.equal((ended.exit, ended.stderr), (130, ""))
        tap.contains(ended.stdout, "new in the index: ", "output")
        tap.equal(names(index), read[:len(names(index))])
        tap.equal(add(index, *read).exit, 0)
        tap.equal(names(index), read)


def test_content_is_read_and_held_to_what_was_declared():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        index = Path(folder) / "index"
        stub.put_image("acme/app", "1", IMAGES[0])
        stub.put_image("acme/damaged", "1", IMAGES[1])
        wrong = IMAGES[1].layers[1]
        stub.put_blob("acme/damaged", IMAGES[2].blobs[IMAGES[2].layers[1]], wrong)
        ended = add(index, "--content", f"{stub.address}/acme/app:1",
                    f"{stub.address}/acme/damaged:1")
        tap.equal(ended.exit, 3)
        tap.equal(ended.stderr.count("\n"), 1, "lines of errors")
        tap.contains(ended.stderr, f"{stub.address}/acme/damaged:1: layer {wrong}: ", "message")
        tap.equal(names(index), [f"{stub.address}/acme/app:1"])
        asked = [request.path for request in stub.requests]
        for layer in IMAGES[0].layers:
            tap.equal(asked.count(f"/v2/acme/app/blobs/{layer}"), 1, layer)


def test_content_with_a_false_diff_id_is_not_added():
    config = {"architecture": "amd64", "os": "linux", "rootfs": {
        "type": "layers", "diff_ids": [IMAGES[0].diff_ids[0], IMAGES[1].diff_ids[1]]}}
    false = build_image([{"base": b"base\n"}, {"app": b"0\n" * 100}], config=config)
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        stub.put_image("acme/app", "1", false)
        declared = json.loads(false.blobs[false.parsed["config"]["digest"]])["rootfs"]["diff_ids"]
        tap.equal(declared, config["rootfs"]["diff_ids"], "the image is what the test means")
        ended = add(Path(folder) / "index", "--content", f"{stub.address}/acme/app:1")
        tap.equal((ended.exit, ended.stdout), (2, ""))
        tap.contains(ended.stderr, "not to the diff_id of its place", "message")


tap.main(globals())
