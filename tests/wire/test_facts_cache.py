#!/usr/bin/python3
"""Facts of registries about asking for no more than is needed: HEAD, embedded data, conditional
requests. Each test is named after the fact's number in the notes on registries."""

import base64
import tempfile

from exports import import_images
from harness import Reply, StubRegistry, build_image, digest_of, error_reply, run_layerproof
from images import OCI_CONFIG, OCI_LAYER, OCI_MANIFEST, describe, to_json
from names import Town

import tap

BASE = {"etc/os-release": b"ID=test\n"}
OURS = build_image([BASE, {"app/main": b"ours alone\n" * 50}])
STRANGER = build_image([{"theirs.txt": b"nothing of ours\n" * 20}])
CONFIG, TOP = digest_of(OURS.config), OURS.layers[1]


def check(references, *arguments, **how):
    """The run over the references, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        index = import_images(folder, {"registry.acme.example/ours/app:1": OURS})
        return run_layerproof("--index", index, "check", "--ordered", "-j", "1", *arguments,
                              *references, **how)


def asked(stub, repository):
    """[("GET manifests/1", {"Range": ...})] for one repository: what shapes the answer."""
    shaping = ("Range", "If-None-Match")
    return [(f"{request.method} {request.path.removeprefix(f'/v2/{repository}/')}",
             {name: request.header(name) for name in shaping if request.header(name)})
            for request in stub.requests if request.path.startswith(f"/v2/{repository}/")]


def verdicts(ended):
    return [(finding["verdict"], finding["reason"]) for finding in ended.findings]


def not_resent(ended):
    return ["not_resent" in finding["flags"] for finding in ended.findings]


def with_etag(image, etag, *, tag="1", **headers):
    """A reply function: the image's manifest under an ETag, 304 where that is what is held."""
    def answer(request):
        told = {"ETag": etag, "Content-Type": OCI_MANIFEST, **headers}
        if request.header("If-None-Match") == etag:
            return Reply(304, told, length=-1)
        return Reply(200, told, image.document)
    return answer


def copies(stub, *repositories, head=None):
    """The references of our image in a repository that was met before and in others, which answer
    HEAD of a blob by `head`."""
    for repository in ("ours/app", *repositories):
        stub.put_image(repository, "1", OURS)
        for blob in OURS.blobs:
            if head and repository != "ours/app":
                stub.script(f"/v2/{repository}/blobs/{blob}", head, method="HEAD")
    return [f"{stub.address}/{repository}:1" for repository in ("ours/app", *repositories)]


def test_fact_2_head_confirms_without_bytes():
    with StubRegistry() as stub:
        ended = check(copies(stub, "copy/app"))
        sent = asked(stub, "copy/app")
    tap.equal(verdicts(ended), [("true_positive", "layer")] * 2)
    tap.equal(sent, [("GET manifests/1", {}), (f"HEAD blobs/{TOP}", {}),
                     (f"HEAD blobs/{CONFIG}", {})])


def test_fact_2_a_failed_head_is_repeated_as_get_for_its_text():
    with StubRegistry() as stub:
        references = copies(stub, "copy/app")
        gone = error_reply(404, "BLOB_UNKNOWN", "it was here")
        stub.script(f"/v2/copy/app/blobs/{TOP}", gone)
        ended = check(references)
        sent = asked(stub, "copy/app")
    tap.equal(verdicts(ended), [("true_positive", "layer"), ("true_positive", "manifest")])
    tap.equal(ended.findings[1]["errors"],
              [{"code": "not_found", "where": f"layer {TOP}",
                "message": f"{stub.address}: 404 BLOB_UNKNOWN: it was here"}])
    tap.equal(sent[:3], [("GET manifests/1", {}), (f"HEAD blobs/{TOP}", {}),
                         (f"GET blobs/{TOP}", {"Range": "bytes=0-0"})])


def refused_head(head):
    """HEAD that fails where GET works: once a host, and GET from then on."""
    with StubRegistry() as stub:
        ended = check(copies(stub, "copy/one", "copy/two", head=head))
        first, second = asked(stub, "copy/one"), asked(stub, "copy/two")
        sizes = [len(request.body) for request in stub.requests]
    tap.equal(verdicts(ended), [("true_positive", "layer")] * 3)
    tap.equal([finding["errors"] for finding in ended.findings], [[]] * 3)
    by_get = [(f"GET blobs/{digest}", {"Range": "bytes=0-0"}) for digest in (TOP, CONFIG)]
    tap.equal(first, [("GET manifests/1", {}), (f"HEAD blobs/{TOP}", {}), *by_get])
    tap.equal(second, [("GET manifests/1", {}), *by_get])
    tap.equal(sum(sizes), 0)


def test_fact_75_head_refused_with_405():
    refused_head(Reply(405))


def test_fact_75_head_refused_with_403():
    refused_head(Reply(403))


def test_fact_75_head_answered_404_though_get_works():
    refused_head(Reply(404))


def test_fact_75_head_answered_500_is_not_tried_again():
    refused_head(Reply(500))


def test_fact_75_head_answered_401_or_429_is_no_reason_for_get():
    for status, code in ((401, "denied"), (429, "rate_limited")):
        with StubRegistry() as stub:
            references = copies(stub, "copy/app", head=Reply(status, {"Retry-After": "999"}))
            ended = check(references)
            sent = asked(stub, "copy/app")
        expected = ("needs_review", code) if status == 429 else ("true_positive", "layer")
        tap.equal(verdicts(ended)[1], expected, code)
        tap.equal([path for path, headers in sent if headers], [], "no Range request")


def test_fact_75_a_range_is_not_needed_for_the_fallback():
    with StubRegistry() as stub:
        references = copies(stub, "copy/app", head=Reply(405))
        for digest, blob in OURS.blobs.items():
            stub.script(f"/v2/copy/app/blobs/{digest}", Reply(200, {}, blob), method="GET")
        ended = check(references)
        sent = asked(stub, "copy/app")
    tap.equal(verdicts(ended), [("true_positive", "layer")] * 2)
    tap.equal(len(sent), 4)


def embedded(image, *, lie=None):
    """The image's manifest with config and layers in their descriptors; `lie` in place of each."""
    def with_data(data, media_type):
        return {**describe(data, media_type), "data": base64.b64encode(lie or data).decode()}
    return to_json({**image.parsed, "config": with_data(image.config, OCI_CONFIG), "layers": [
        with_data(image.blobs[digest], OCI_LAYER + "+gzip") for digest in image.layers]})


def test_fact_9_embedded_data_stands_for_a_request():
    with StubRegistry() as stub:
        stub.put_manifest("a/b", "1", embedded(OURS), OCI_MANIFEST)
        ended = check([f"{stub.address}/a/b:1"], "--depth", "full")
        sent = asked(stub, "a/b")
    tap.equal((verdicts(ended), sent), ([("true_positive", "layer")], [("GET manifests/1", {})]))
    tap.equal([layer["level"] for layer in ended.findings[0]["images"][0]["layers"]],
              ["hashed"] * 2)


def test_fact_9_embedded_data_shows_that_its_place_has_it():
    with StubRegistry() as stub:
        stub.put_image("ours/app", "1", OURS)
        stub.put_manifest("a/b", "1", embedded(OURS), OCI_MANIFEST)
        ended = check([f"{stub.address}/ours/app:1", f"{stub.address}/a/b:1"])
        sent = asked(stub, "a/b")
    tap.equal(verdicts(ended), [("true_positive", "layer")] * 2)
    tap.equal(sent, [("GET manifests/1", {})])


def test_fact_9_embedded_data_that_does_not_agree_is_as_if_it_were_not_there():
    short, other = b"short", bytes(len(OURS.config))
    for lie in (short, other):
        with StubRegistry() as stub:
            stub.put_image("a/b", "2", OURS)
            stub.put_manifest("a/b", "1", embedded(OURS, lie=lie), OCI_MANIFEST)
            ended = check([f"{stub.address}/a/b:1"])
            sent = asked(stub, "a/b")
        tap.equal((verdicts(ended), ended.findings[0]["errors"]),
                  ([("true_positive", "layer")], []))
        tap.equal(sent, [("GET manifests/1", {}), (f"GET blobs/{CONFIG}", {}),
                         (f"GET blobs/{TOP}", {})])


def twice(stub, name, *arguments):
    """The run over one reference given twice, and what was asked for in its repository."""
    repository = name.partition("@")[0].partition(":")[0]
    ended = check([f"{stub.address}/{name}"] * 2, *arguments)
    return ended, asked(stub, repository)


def test_fact_19_a_tag_met_again_is_asked_about_with_its_etag():
    for etag in (f'"{STRANGER.digest}"', 'W/"1"', '"!#[]~"'):
        with StubRegistry() as stub:
            stub.put_image("a/b", "1", STRANGER)
            stub.script("/v2/a/b/manifests/1", with_etag(STRANGER, etag))
            ended, sent = twice(stub, "a/b:1")
        config = digest_of(STRANGER.config)
        tap.equal(sent, [("GET manifests/1", {}), (f"GET blobs/{config}", {}),
                         ("GET manifests/1", {"If-None-Match": etag})], "requests")
        tap.equal((verdicts(ended), not_resent(ended)),
                  ([("needs_review", "no_match")] * 2, [False, True]))
        tap.equal([finding["cost"]["requests"] for finding in ended.findings], [2, 1])
        tap.equal(ended.findings[0]["digest"], ended.findings[1]["digest"])


def test_fact_19_reproducible_findings_do_not_say_so():
    with StubRegistry() as stub:
        stub.put_image("a/b", "1", STRANGER)
        stub.script("/v2/a/b/manifests/1", with_etag(STRANGER, '"x"'))
        ended, _ = twice(stub, "a/b:1", "--reproducible")
    tap.equal(ended.findings[0], ended.findings[1])


def test_fact_19_a_tag_that_moved_is_sent():
    with StubRegistry() as stub:
        stub.put_image("a/b", "1", STRANGER)
        stub.put_image("a/b", "1", OURS)
        stub.script("/v2/a/b/manifests/1", with_etag(STRANGER, '"old"'), with_etag(OURS, '"new"'))
        ended = check([f"{stub.address}/a/b:1"] * 3)
        sent = [item for item in asked(stub, "a/b") if item[0] == "GET manifests/1"]
    tap.equal(verdicts(ended), [("needs_review", "no_match"), *[("true_positive", "layer")] * 2])
    tap.equal(sent, [("GET manifests/1", {}), ("GET manifests/1", {"If-None-Match": '"old"'}),
                     ("GET manifests/1", {"If-None-Match": '"new"'})])
    tap.equal(not_resent(ended), [False, False, True])


def test_fact_19_an_etag_of_one_tag_is_not_sent_for_another():
    with StubRegistry() as stub:
        for name in ("a/b:1", "a/b:2", "c/d:1"):
            repository, tag = name.split(":")
            stub.put_image(repository, tag, STRANGER)
            stub.script(f"/v2/{repository}/manifests/{tag}", with_etag(STRANGER, '"x"'))
        check([f"{stub.address}/{name}" for name in ("a/b:1", "a/b:2", "c/d:1")])
        told = [request.header("If-None-Match") for request in stub.requests]
    tap.equal(told, [None] * len(told))


def test_fact_19_etags_that_are_none_are_not_sent():
    for etag in ("x", '"', '""x', '"a b"', '"a"b"', '"\u00e9"', '"' + "x" * 300 + '"', "W/x", ""):
        with StubRegistry() as stub:
            stub.put_image("a/b", "1", STRANGER)
            stub.script("/v2/a/b/manifests/1", with_etag(STRANGER, etag))
            ended, sent = twice(stub, "a/b:1")
        tap.equal([item for item in sent if "blobs" not in item[0]], [("GET manifests/1", {})] * 2,
                  repr(etag))
        tap.equal((verdicts(ended), not_resent(ended)),
                  ([("needs_review", "no_match")] * 2, [False] * 2))


def test_fact_19_a_304_that_nobody_asked_for_is_no_document():
    with StubRegistry() as stub:
        stub.script("/v2/a/b/manifests/1", Reply(304, {"ETag": '"x"'}, length=-1))
        ended, sent = twice(stub, "a/b:1")
    tap.equal((verdicts(ended), sent),
              ([("needs_review", "unreachable")] * 2, [("GET manifests/1", {})] * 2))
    tap.equal(ended.findings[0]["errors"],
              [{"code": "unreachable", "message": f"{stub.address}: HTTP status 304"}])


def test_fact_2_a_digest_met_again_is_asked_about_by_head():
    with StubRegistry() as stub:
        stub.put_image("a/b", "1", OURS)
        ended, sent = twice(stub, f"a/b@{OURS.digest}")
    top = f"manifests/{OURS.digest}"
    tap.equal(sent, [(f"GET {top}", {}), (f"GET blobs/{CONFIG}", {}), (f"GET blobs/{TOP}", {}),
                     (f"HEAD {top}", {})])
    tap.equal((verdicts(ended), not_resent(ended)),
              ([("true_positive", "layer")] * 2, [False, True]))


def test_fact_2_a_digest_that_has_gone_is_not_there_whatever_is_held():
    with StubRegistry() as stub:
        stub.put_image("a/b", "1", OURS)
        path = f"/v2/a/b/manifests/{OURS.digest}"
        stub.script(path, None, error_reply(404, "MANIFEST_UNKNOWN", "gone"))
        ended, sent = twice(stub, f"a/b@{OURS.digest}")
    tap.equal(verdicts(ended), [("true_positive", "layer"), ("needs_review", "not_found")])
    tap.equal(ended.findings[1]["errors"], [
        {"code": "not_found", "message": f"{stub.address}: 404 MANIFEST_UNKNOWN: gone"}])
    tap.equal([item[0].split()[0] for item in sent[-2:]], ["HEAD", "GET"])


def head_of_held(headers, *, length=None):
    """(requests for the manifest, not_resent) where HEAD of a digest met again answers so."""
    with StubRegistry() as stub:
        stub.put_image("a/b", "1", STRANGER)
        path = f"/v2/a/b/manifests/{STRANGER.digest}"
        stub.script(path, Reply(200, headers, STRANGER.document, length=length), method="HEAD")
        ended, sent = twice(stub, f"a/b@{STRANGER.digest}")
    tap.equal(verdicts(ended), [("needs_review", "no_match")] * 2)
    return [item[0].split()[0] for item in sent if "manifests" in item[0]], not_resent(ended)


def test_fact_74_head_of_a_digest_without_its_header_is_known_by_its_length():
    tap.equal(head_of_held({}), (["GET", "HEAD"], [False, True]))


def test_fact_74_head_that_says_too_little_is_followed_by_get():
    digest = {"Docker-Content-Digest": STRANGER.digest}
    by_get = (["GET", "HEAD", "GET"], [False, False])
    tap.equal(head_of_held({}, length=-1), by_get, "neither length nor digest")
    tap.equal(head_of_held({}, length=7), by_get, "another length")
    tap.equal(head_of_held({"Docker-Content-Digest": OURS.digest}), by_get, "another digest")
    tap.equal(head_of_held({"Docker-Content-Digest": "junk"}, length=-1), by_get, "junk")
    tap.equal(head_of_held(digest, length=-1), (["GET", "HEAD"], [False, True]))


COUNTING = {"ratelimit-limit": "100;w=21600", "ratelimit-remaining": "9;w=21600"}


def counting_tag(head):
    """(requests, not_resent) of a tag met twice where GET is counted; HEAD has these headers."""
    with StubRegistry() as stub:
        stub.put_image("a/b", "1", STRANGER)
        path = "/v2/a/b/manifests/1"
        stub.script(path, with_etag(STRANGER, '"x"', **COUNTING), method="GET")
        stub.script(path, Reply(200, {**COUNTING, **head}, STRANGER.document), method="HEAD")
        ended, sent = twice(stub, "a/b:1")
    tap.equal(verdicts(ended), [("needs_review", "no_match")] * 2)
    return [item for item in sent if "manifests" in item[0]], not_resent(ended)


def test_fact_42_a_tag_met_again_costs_no_quota():
    for headers in ({"ratelimit-limit": "100;w=21600"}, {"ratelimit-remaining": "1"}):
        tap.equal(counting_tag({**headers, "Docker-Content-Digest": STRANGER.digest}),
                  ([("GET manifests/1", {}), ("HEAD manifests/1", {})], [False, True]))


def test_fact_41_docker_hub_is_known_to_count():
    """No header has said so."""
    with Town("registry-1.docker.io") as town:
        hub = town["registry-1.docker.io"]
        hub.put_image("library/ubuntu", "1", STRANGER)
        ended = town.check("ubuntu:1", "ubuntu:1", arguments=["-j1", "--ordered"])
        sent = asked(hub, "library/ubuntu")
    tap.equal((verdicts(ended), not_resent(ended)),
              ([("needs_review", "no_match")] * 2, [False, True]))
    tap.equal(sent, [("GET manifests/1", {}), (f"GET blobs/{digest_of(STRANGER.config)}", {}),
                     ("HEAD manifests/1", {})])


def test_fact_74_a_tag_without_its_digest_is_asked_for_by_get():
    for head in ({}, {"Docker-Content-Digest": OURS.digest}, {"Docker-Content-Digest": "sha256:1"}):
        tap.equal(counting_tag(head), ([("GET manifests/1", {}), ("HEAD manifests/1", {}),
                                        ("GET manifests/1", {"If-None-Match": '"x"'})],
                                       [False, True]), repr(head))


tap.main(globals())
