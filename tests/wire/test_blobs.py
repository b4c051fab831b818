#!/usr/bin/python3
"""Layers on the wire: altered, cut off, resumed, redirected; and what `check` makes of them."""

import json
import random
import tempfile

from exports import import_images
from harness import Reply, StubRegistry, build_image, digest_of, run_layerproof

import tap

BASE = {"etc/os-release": b"ID=test\n"}
# Random bytes do not compress: the layers have about the sizes of their content.
NOISE = random.Random(1).randbytes(300_000)
OURS = build_image([BASE, {"app/small": NOISE[:2_000]}, {"app/large": NOISE}])
STRANGERS_BASE = {"theirs.txt": b"nothing of ours\n" * 2000}
REPOSITORY = "stranger/app"
SMALL, LARGE = OURS.layers[1], OURS.layers[2]


def graft(*own):
    """An image of a stranger that holds some of our layers."""
    layers = {SMALL: {"app/small": NOISE[:2_000]}, LARGE: {"app/large": NOISE}}
    return build_image([STRANGERS_BASE, *(layers[digest] for digest in own)])


def blob_path(digest):
    return f"/v2/{REPOSITORY}/blobs/{digest}"


def check(stub, image, depth="decisive"):
    stub.put_image(REPOSITORY, "1", image)
    with tempfile.TemporaryDirectory() as folder:
        index = import_images(folder, {"registry.acme.example/ours/app:1": OURS}, boundary=1)
        ended = run_layerproof("--index", index, "check", "--depth", depth,
                               f"{stub.address}/{REPOSITORY}:1")
    tap.equal((ended.stderr, len(ended.findings)), ("", 1), "messages, findings")
    return ended.exit, ended.findings[0]


def verdict(code, finding):
    return code, finding["verdict"], finding["reason"], finding["priority"]


def errors_of(finding):
    return [(error["code"], error.get("where"), error["message"]) for error in finding["errors"]]


def asked(stub, digest):
    """The Range of each request for a blob."""
    return [request.header("Range") for request in stub.requests_for(blob_path(digest))]


def layers_fetched(stub, image):
    return [digest for request in stub.requests for digest in image.layers
            if request.path == blob_path(digest)]


def altered(digest):
    data = bytearray(OURS.blobs[digest])
    data[len(data) // 2] ^= 1
    return bytes(data)


def serve_altered(stub, digest):
    body = altered(digest)
    stub.script(blob_path(digest), Reply(200, {}, body))
    return digest_of(body)


PROVED = (0, "true_positive", "layer", "high")
TAMPERED = (0, "needs_review", "tampered", "high")


def test_smallest_own_layer_settles_it():
    image = graft(LARGE, SMALL)
    with StubRegistry() as stub:
        tap.equal(verdict(*check(stub, image)), PROVED)
        tap.equal(layers_fetched(stub, image), [SMALL])


def test_altered_layer():
    image = graft(SMALL)
    with StubRegistry() as stub:
        computed = serve_altered(stub, SMALL)
        code, finding = check(stub, image)
        tap.equal(layers_fetched(stub, image), [SMALL])
    tap.equal(verdict(code, finding), TAMPERED)
    tap.equal(errors_of(finding)[0],
              ("tampered", f"layer {SMALL}", f"the bytes served hash to {computed}"))
    layer = finding["images"][0]["layers"][1]
    tap.equal((layer["tampered"], layer["computed"]["digest"]), (True, computed))
    tap.equal(finding["flags"], ["tampered"])


def test_altered_layer_beside_one_that_proves():
    image = graft(SMALL, LARGE)
    with StubRegistry() as stub:
        serve_altered(stub, SMALL)
        code, finding = check(stub, image)
        tap.equal(layers_fetched(stub, image), [SMALL, LARGE])
    tap.equal(verdict(code, finding), PROVED)
    tap.equal(finding["flags"], ["tampered"])


def test_altered_layer_under_our_own_manifest():
    with StubRegistry() as stub:
        for digest in OURS.layers:
            serve_altered(stub, digest)
        code, finding = check(stub, OURS)
    tap.equal(verdict(code, finding), TAMPERED)
    tap.equal(finding.get("anchored"), None)


def test_layer_of_another_under_our_digest():
    image = graft(SMALL)
    with StubRegistry() as stub:
        stub.script(blob_path(SMALL), Reply(200, {}, image.blobs[image.layers[0]]))
        code, finding = check(stub, image)
    tap.equal(verdict(code, finding)[1:3], ("needs_review", "tampered"))


def test_our_layer_under_a_false_digest():
    image, false = graft(SMALL), "sha256:" + "a" * 64
    document = image.document.replace(SMALL.encode(), false.encode())
    with StubRegistry() as stub:
        image.document = document
        stub.script(blob_path(false), Reply(200, {}, OURS.blobs[SMALL]))
        code, finding = check(stub, image)
        tap.equal([request.path for request in stub.requests][2:], [blob_path(false)])
    tap.equal(verdict(code, finding), PROVED)
    tap.equal(finding["images"][0]["layers"][1]["computed"], {"digest": SMALL})
    tap.equal(finding["flags"], ["tampered"])


def test_cut_layer_is_resumed():
    image, size = graft(LARGE), len(OURS.blobs[LARGE])
    with StubRegistry() as stub:
        stub.script(blob_path(LARGE), Reply(200, {}, OURS.blobs[LARGE], cut=100_000), None)
        code, finding = check(stub, image)
        tap.equal(asked(stub, LARGE), [None, "bytes=100000-"])
    tap.equal(verdict(code, finding), PROVED)
    tap.equal((finding["coverage"]["bytes"]["fetched"], finding["errors"]), (size, []))


def test_cut_layer_is_resumed_again_and_again():
    image = graft(LARGE)

    def part(request):
        wanted = request.header("Range")
        first = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        body = OURS.blobs[LARGE]
        headers = {"Content-Range": f"bytes {first}-{len(body) - 1}/{len(body)}"} if wanted else {}
        return Reply(206 if wanted else 200, headers, body[first:], cut=80_000)

    with StubRegistry() as stub:
        stub.script(blob_path(LARGE), part)
        tap.equal(verdict(*check(stub, image)), PROVED)
        tap.equal(asked(stub, LARGE), [None, "bytes=80000-", "bytes=160000-", "bytes=240000-"])


def assert_not_read(finding, code, message):
    tap.equal(verdict(code, finding), (3, "needs_review", "layer_declared", "high"))
    tap.equal(errors_of(finding), [("unreachable", f"layer {LARGE}", message)])


NO_REST = "the connection broke, and the rest from byte 100000 on is not to be had"


def test_server_without_ranges_is_asked_for_the_whole_again():
    body = OURS.blobs[LARGE]
    with StubRegistry() as stub:
        stub.script(blob_path(LARGE), Reply(200, {}, body, cut=100_000), Reply(200, {}, body))
        tap.equal(verdict(*check(stub, graft(LARGE))), PROVED)
        tap.equal(asked(stub, LARGE), [None, "bytes=100000-"])


def test_server_without_ranges_that_breaks_again_and_again():
    """Each time a little further: the whole is asked for three times, not for ever."""
    body = OURS.blobs[LARGE]
    with StubRegistry() as stub:
        stub.script(blob_path(LARGE), *[Reply(200, {}, body, cut=60_000 + 20_000 * number)
                                        for number in range(6)])
        code, finding = check(stub, graft(LARGE))
        tap.equal(asked(stub, LARGE), [None, "bytes=60000-", "bytes=80000-", "bytes=100000-"])
    assert_not_read(finding, code, f"{stub.address}: {NO_REST}")


def test_range_that_is_refused_or_another_is_asked_for_as_a_whole():
    body = OURS.blobs[LARGE]
    size = len(body)
    rest = {
        "refused": Reply(416, {"Content-Range": f"bytes */{size}"}),
        "elsewhere": Reply(206, {"Content-Range": f"bytes 90000-{size - 1}/{size}"}, body[90_000:]),
        "of another length": Reply(206, {"Content-Range": f"bytes 100000-{size}/{size + 1}"},
                                   body[100_000:] + b"!"),
        "cut at its end": Reply(206, {"Content-Range": f"bytes 100000-{size - 2}/{size}"},
                                body[100_000:-1]),
        "without a place": Reply(206, {}, body[100_000:]),
        "with two": Reply(206, {"Content-Range": [f"bytes 100000-{size - 1}/{size}"] * 2},
                          body[100_000:]),
    }
    for what, reply in rest.items():
        with StubRegistry() as stub:
            stub.script(blob_path(LARGE), Reply(200, {}, body, cut=100_000), reply, None)
            tap.equal(verdict(*check(stub, graft(LARGE))), PROVED, what)
            tap.equal(asked(stub, LARGE), [None, "bytes=100000-", None], what)


def test_whole_of_another_length_is_no_rest():
    body = OURS.blobs[LARGE]
    with StubRegistry() as stub:
        stub.script(blob_path(LARGE), Reply(200, {}, body, cut=100_000), Reply(200, {}, body[:-1]))
        code, finding = check(stub, graft(LARGE))
    assert_not_read(finding, code, f"{stub.address}: {NO_REST}")


def test_false_rest_is_tampering():
    """Bytes that were passed over are not believed: the two parts must make the layer."""
    body = bytearray(OURS.blobs[LARGE])
    body[-1] ^= 1
    with StubRegistry() as stub:
        stub.script(blob_path(LARGE), Reply(200, {}, bytes(body), cut=100_000),
                    Reply(200, {}, bytes(body)))
        tap.equal(verdict(*check(stub, graft(LARGE))), TAMPERED)


def test_break_behind_the_last_byte_takes_nothing():
    """All that was declared is there; only the end of the chunks is missing."""
    body = OURS.blobs[LARGE]
    with StubRegistry() as stub:
        stub.script(blob_path(LARGE), Reply(200, {}, body, cut=len(body), chunked=True))
        tap.equal(verdict(*check(stub, graft(LARGE))), PROVED)
        tap.equal(asked(stub, LARGE), [None])


def test_layer_that_never_comes_whole():
    with StubRegistry() as stub:
        stub.script(blob_path(LARGE), Reply(200, {}, OURS.blobs[LARGE], cut=0))
        code, finding = check(stub, graft(LARGE))
        tap.equal(asked(stub, LARGE), [None] * 5, "tries")
    assert_not_read(finding, code, f"{stub.address}: the connection broke")


def test_end_without_a_length_is_a_broken_connection():
    with StubRegistry() as stub:
        stub.script(blob_path(LARGE), Reply(200, {}, OURS.blobs[LARGE][:50_000], length=-1), None)
        tap.equal(verdict(*check(stub, graft(LARGE))), PROVED)
        tap.equal(asked(stub, LARGE), [None, "bytes=50000-"])


def test_layer_longer_than_declared_is_not_read_on():
    size = len(OURS.blobs[SMALL])
    for how in ({}, {"chunked": True}):
        with StubRegistry() as stub:
            stub.script(blob_path(SMALL), Reply(200, {}, OURS.blobs[SMALL] + b"more", **how))
            code, finding = check(stub, graft(SMALL))
        tap.equal(verdict(code, finding), TAMPERED, str(how))
        tap.equal(errors_of(finding), [("tampered", f"layer {SMALL}", f"{stub.address}: more than "
                                        f"the {size} bytes that were declared")])


def test_our_config_over_layers_longer_than_declared_accuses_nobody():
    """Anybody can serve our JSON; what stands in for the layers must not be believed."""
    own = OURS.parsed["layers"]
    document = {**OURS.parsed, "layers": [{**layer, "size": layer["size"] - 1} for layer in own]}
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "unused", OURS)
        image = build_image([])
        image.document = json.dumps(document).encode()
        code, finding = check(stub, image)
    tap.equal(verdict(code, finding), TAMPERED)


def test_layer_shorter_than_declared():
    with StubRegistry() as stub:
        stub.script(blob_path(SMALL), Reply(200, {}, OURS.blobs[SMALL][:-1]))
        code, finding = check(stub, graft(SMALL))
    tap.equal(verdict(code, finding), TAMPERED)
    tap.equal(errors_of(finding)[0][0], "tampered")


def test_layer_that_is_gone_or_denied():
    for status, name, code, exit_code in ((404, "BLOB_UNKNOWN", "not_found", 0),
                                          (403, "DENIED", "denied", 3)):
        with StubRegistry() as stub:
            stub.script(blob_path(SMALL), Reply(
                status, {}, b'{"errors":[{"code":"%s"}]}' % name.encode()))
            got, finding = check(stub, graft(SMALL))
        tap.equal(verdict(got, finding), (exit_code, "needs_review", "layer_declared", "high"))
        message = f"{stub.address}: {status} {name}"
        message += " (may not exist, or may require a login)" if status == 403 else ""
        tap.equal(errors_of(finding), [(code, f"layer {SMALL}", message)])


def redirect(location, status=307):
    return Reply(status, {"Location": location})


def test_redirect_to_another_host():
    for status in (301, 302, 303, 307, 308):
        with StubRegistry() as stub, StubRegistry(host="127.0.0.2") as storage:
            storage.script("/store/1", Reply(200, {}, OURS.blobs[SMALL]))
            stub.script(blob_path(SMALL), redirect(f"{storage.url}/store/1?signature=x", status))
            tap.equal(verdict(*check(stub, graft(SMALL))), PROVED, str(status))
            tap.equal([(request.method, request.target) for request in storage.requests],
                      [("GET", "/store/1?signature=x")])


def test_redirect_by_a_path():
    with StubRegistry() as stub:
        stub.script("/store/1", Reply(200, {}, OURS.blobs[SMALL]))
        stub.script(blob_path(SMALL), redirect("/store/1"))
        tap.equal(verdict(*check(stub, graft(SMALL))), PROVED)


def test_redirected_layer_is_resumed_from_the_registry():
    with StubRegistry() as stub, StubRegistry(host="127.0.0.2") as storage:
        storage.put_blob("store", OURS.blobs[LARGE])
        path = f"/v2/store/blobs/{LARGE}"
        storage.script(path, Reply(200, {}, OURS.blobs[LARGE], cut=70_000), None)
        stub.script(blob_path(LARGE), redirect(storage.url + path))
        tap.equal(verdict(*check(stub, graft(LARGE))), PROVED)
        tap.equal([request.header("Range") for request in storage.requests],
                  [None, "bytes=70000-"])
        tap.equal(asked(stub, LARGE), [None, "bytes=70000-"])


def test_redirects_that_lead_nowhere():
    ways = {
        "round and round": (lambda path: redirect(path), "too many redirects"),
        "no Location": (lambda _path: Reply(307), "redirect to nowhere"),
        "a file": (lambda _path: redirect("file:///etc/passwd"), "redirect to what is no URL"),
        "another protocol": (lambda _path: redirect("gopher://127.0.0.1/x"),
                             "redirect to what is no URL"),
    }
    for what, (make, message) in ways.items():
        with StubRegistry() as stub:
            stub.script(blob_path(LARGE), make(blob_path(LARGE)))
            code, finding = check(stub, graft(LARGE))
            assert_not_read(finding, code, f"{stub.address}: {message}")
            tap.equal(len(asked(stub, LARGE)), 6 if what == "round and round" else 1, what)


def test_one_bad_layer_of_an_index_does_not_hide_the_other():
    """A layer that two candidates share is fetched once, and its failure belongs to the place."""
    first, second = graft(SMALL), build_image([{"second": b"2"}, {"app/small": NOISE[:2_000]}])
    with StubRegistry() as stub, tempfile.TemporaryDirectory() as folder:
        stub.put_image("stranger/one", "1", first)
        stub.put_image("stranger/two", "1", second)
        stub.script(f"/v2/stranger/one/blobs/{SMALL}", Reply(404))
        index = import_images(folder, {"registry.acme.example/ours/app:1": OURS}, boundary=1)
        ended = run_layerproof("--index", index, "check", "--ordered", "-j", "1",
                               f"{stub.address}/stranger/one:1", f"{stub.address}/stranger/two:1")
    tap.equal([finding["reason"] for finding in ended.findings], ["layer_declared", "layer"])


tap.main(globals())
