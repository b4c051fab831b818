#!/usr/bin/python3
"""Facts about what is asked for and under which type it comes: what `check` and `inspect` send, and
what they make of servers that go their own way."""

from asking import (MALFORMED, NO_MATCH, NOT_FOUND, OURS, PARTIAL, PROVED, REPOSITORY, STRANGER,
                    UNREACHABLE, asked, blob_path, check, check_one, errors_of, inspect,
                    manifest_path, name_in, verdict)
from harness import Reply, StubRegistry, build_image, build_index, error_reply
from images import DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, describe, to_json

import tap

SIGNED_SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+prettyjws"
SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+json"
TYPES = [OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST, SIGNED_SCHEMA1, SCHEMA1]
GENERIC = ("application/json", "application/json; charset=utf-8", "text/plain; charset=utf-8",
           "application/octet-stream", "binary/octet-stream", "")


def accept_lines(request):
    return [value for name, value in request.headers if name == "Accept"]


def test_fact_1_only_manifests_and_blobs_are_asked_for():
    """No /v2/ in front, no list of tags, no referrers: each document once, by its endpoint."""
    index = build_index({"linux/amd64": OURS, "linux/arm64": STRANGER})
    expected = ["GET manifests/1", f"GET manifests/{OURS.digest}",
                f"GET blobs/{OURS.parsed['config']['digest']}", f"GET manifests/{STRANGER.digest}",
                f"GET blobs/{STRANGER.parsed['config']['digest']}"]
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", index)
        code, finding = check_one(stub)
        tap.equal(asked(stub), [*expected, f"GET blobs/{OURS.layers[1]}"])
        tap.equal(verdict(code, finding), PROVED)
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", index)
        tap.equal(inspect(stub)[0], 0)
        tap.equal(asked(stub), expected)


def test_fact_1_unknown_is_404():
    with StubRegistry() as stub:
        code, finding = check_one(stub, "gone")
        tap.equal(verdict(code, finding), NOT_FOUND)
        tap.equal(asked(stub), ["GET manifests/gone"])
        code, record = inspect(stub, "gone", messages=None)
        tap.equal((code, record), (2, None))
        tap.equal(asked(stub), ["GET manifests/gone"] * 2)


def test_fact_4_one_accept_line_for_manifests_and_any_type_for_blobs():
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", build_index({"linux/amd64": OURS}))
        tap.equal(verdict(*check_one(stub)), PROVED)
        lines = {request.path: accept_lines(request) for request in stub.requests}
    listed = [", ".join(TYPES)]
    tap.equal(lines, {manifest_path("1"): listed, manifest_path(OURS.digest): listed,
                      blob_path(OURS.parsed["config"]["digest"]): ["*/*"],
                      blob_path(OURS.layers[1]): ["*/*"]})


def negotiating(held):
    """A registry that has {media type: bytes} and serves what Accept allows, as distribution does:
    an index never to somebody who does not name its type."""
    def answer(request):
        accepted = {part.partition(";")[0].strip()
                    for part in (request.header("Accept") or "").split(",")}
        for media_type, body in held.items():
            if media_type in accepted:
                return Reply(200, {"Content-Type": media_type}, body)
        return error_reply(404, "MANIFEST_UNKNOWN", "OCI index found, but accept header does not "
                                                    "support OCI indexes")
    return answer


def test_fact_5_every_type_is_named_so_nothing_is_converted():
    for media_type in (OCI_INDEX, DOCKER_LIST):
        index = build_index({"linux/amd64": STRANGER, "linux/arm64": OURS}, media_type=media_type)
        with StubRegistry() as stub:
            stub.put_image(REPOSITORY, "1", index)
            stub.script(manifest_path("1"), negotiating(
                {media_type: index.document, DOCKER_MANIFEST: STRANGER.document}))
            code, finding = check_one(stub)
        tap.equal((verdict(code, finding), finding["digest"]), (PROVED, index.digest), media_type)


def test_fact_5_what_came_back_counts_whatever_was_asked_for():
    """A server that ignores Accept and converts to schema 1: told by the bytes, not by our wish."""
    converted = to_json({"schemaVersion": 1, "name": "stranger/app", "tag": "1",
                         "fsLayers": [], "history": []})
    for media_type in (SCHEMA1, *GENERIC):
        with StubRegistry() as stub:
            stub.script(manifest_path("1"), Reply(200, {"Content-Type": media_type}, converted))
            code, finding = check_one(stub)
        tap.equal((verdict(code, finding), finding["flags"]), (PARTIAL, ["schema1"]), media_type)


def test_fact_6_parameters_of_a_type_say_nothing():
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", OURS)
        stub.script(manifest_path("1"), Reply(200, {
            "Content-Type": OCI_MANIFEST.upper() + " ; charset=utf-8"}, OURS.document))
        code, finding = check_one(stub)
    tap.equal((verdict(code, finding), finding["media_type"]), (PROVED, OCI_MANIFEST))


def test_fact_6_a_body_of_another_type_is_refused():
    for media_type in (OCI_INDEX, DOCKER_MANIFEST, SCHEMA1):
        with StubRegistry() as stub:
            stub.put_image(REPOSITORY, "1", OURS)
            stub.script(manifest_path("1"), Reply(200, {"Content-Type": media_type}, OURS.document))
            code, finding = check_one(stub)
            tap.equal(asked(stub), ["GET manifests/1"])
        tap.equal(verdict(code, finding), MALFORMED, media_type)
        tap.equal(errors_of(finding), [("malformed", None, f"document {OURS.digest}: document: "
                  f'served as "{media_type}", but its mediaType is "{OCI_MANIFEST}"')])


def test_fact_6_a_verified_child_keeps_the_type_of_its_descriptor():
    """The digest has settled what the bytes are: a careless Content-Type changes nothing."""
    for media_type in (DOCKER_MANIFEST, OCI_INDEX, SCHEMA1, *GENERIC):
        with StubRegistry() as stub:
            stub.put_image(REPOSITORY, "1", build_index({"linux/amd64": OURS}))
            stub.documents[REPOSITORY, OURS.digest] = (OURS.document, media_type)
            code, finding = check_one(stub)
        tap.equal((verdict(code, finding), finding["errors"]), (PROVED, []), media_type)


def untyped(image):
    """The image's document without its mediaType, as early OCI manifests are."""
    document = image.parsed
    del document["mediaType"]
    return to_json(document)


def test_fact_76_a_type_that_says_nothing_and_a_document_without_one():
    index = build_index({"linux/amd64": OURS})
    for media_type in GENERIC:
        with StubRegistry() as stub:
            stub.put_image(REPOSITORY, "unused", index)
            for tag, body in (("manifest", untyped(OURS)), ("index", untyped(index)),
                              ("typed", OURS.document)):
                stub.script(manifest_path(tag), Reply(200, {"Content-Type": media_type}, body))
            ended = check(stub, "manifest", "index", "typed")
        tap.equal([verdict(ended.exit, finding) for finding in ended.findings], [PROVED] * 3,
                  media_type)
        tap.equal([finding["media_type"] for finding in ended.findings],
                  [OCI_MANIFEST, OCI_INDEX, OCI_MANIFEST], media_type)


def test_fact_76_json_is_accepted_where_nothing_else_is_served():
    """An old Artifactory answers 406 to whoever does not accept application/json."""
    def artifactory(request):
        if "application/json" in (request.header("Accept") or ""):
            return Reply(200, {"Content-Type": "application/json"}, STRANGER.document)
        return error_reply(406, "UNSUPPORTED")

    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "unused", STRANGER)
        stub.script(manifest_path("1"), artifactory)
        tap.equal(verdict(*check_one(stub)), NO_MATCH)
        tap.equal(len(stub.requests_for(manifest_path("1"))), 2)


def test_fact_76_one_child_of_no_type_at_all():
    """A descriptor must say its type: an index of children that do not is no index."""
    child = describe(OURS.document, OCI_MANIFEST)
    del child["mediaType"]
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "unused", OURS)
        stub.put_manifest(REPOSITORY, "1", to_json({"schemaVersion": 2, "mediaType": OCI_INDEX,
                                                    "manifests": [child]}), OCI_INDEX)
        code, finding = check_one(stub)
        tap.equal(asked(stub), ["GET manifests/1"])
    tap.equal(verdict(code, finding), MALFORMED)
    tap.contains(errors_of(finding)[0][2], "mediaType", name_in(stub, "1"))


def no_lists(status, code, message):
    """A server that takes each Accept line for one type."""
    def answer(request):
        if DOCKER_MANIFEST in accept_lines(request):
            return Reply(200, {"Content-Type": DOCKER_MANIFEST}, DOCKER.document)
        return error_reply(status, code, message)
    return answer


DOCKER = build_image([{"docker.txt": b"docker\n"}])
DOCKER.document = to_json({**DOCKER.parsed, "mediaType": DOCKER_MANIFEST})
DOCKER.media_type = DOCKER_MANIFEST
REFUSALS = ((406, "UNSUPPORTED", "nothing acceptable"),
            (404, "MANIFEST_UNKNOWN", "manifest found, but Accept header does not support it"))


def test_fact_77_a_list_that_is_not_split_is_sent_line_by_line_once():
    for refusal in REFUSALS:
        with StubRegistry() as stub:
            stub.put_image(REPOSITORY, "unused", DOCKER)
            stub.script(manifest_path("1"), no_lists(*refusal))
            tap.equal(verdict(*check_one(stub)), NO_MATCH)
            lines = [accept_lines(request) for request in stub.requests_for(manifest_path("1"))]
        tap.equal(lines, [[", ".join(TYPES)], [*TYPES, "application/json"]], str(refusal))


def test_fact_77_a_host_that_does_not_split_lists_is_known_from_then_on():
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "unused", DOCKER)
        for tag in ("1", "2", "3"):
            stub.script(manifest_path(tag), no_lists(*REFUSALS[0]))
        ended = check(stub, "1", "2", "3", arguments=("-j", "1"))
        tap.equal({verdict(ended.exit, finding) for finding in ended.findings}, {NO_MATCH})
        gets = [len(accept_lines(request)) for tag in ("1", "2", "3")
                for request in stub.requests_for(manifest_path(tag), "GET")]
        tap.equal(gets, [1, 7, 7, 7], "types in lines of their own")


def test_fact_77_a_type_that_is_not_to_be_had_is_asked_for_twice():
    for (status, name, message), expected in zip(REFUSALS, (UNREACHABLE, NOT_FOUND), strict=True):
        with StubRegistry() as stub:
            stub.script(manifest_path("1"), error_reply(status, name, message))
            code, finding = check_one(stub)
            tap.equal(asked(stub), ["GET manifests/1"] * 2)
            tap.equal(verdict(code, finding), expected)
            tap.equal(errors_of(finding)[0][2], f"{stub.address}: {status} {name}: {message}")


def test_fact_77_an_ordinary_404_costs_no_second_request():
    with StubRegistry() as stub:
        for tag in ("acceptable", "header"):
            stub.script(manifest_path(tag), error_reply(404, "MANIFEST_UNKNOWN",
                                                        f"manifest unknown: accept/{tag}"))
        ended = check(stub, "acceptable", "header")
        tap.equal(sorted(asked(stub)), ["GET manifests/acceptable", "GET manifests/header"])
    tap.equal(ended.exit, 0)


def test_fact_77_a_child_that_is_refused_as_a_list():
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", build_index({"linux/amd64": DOCKER}))
        stub.script(manifest_path(DOCKER.digest), no_lists(*REFUSALS[0]))
        tap.equal(verdict(*check_one(stub)), NO_MATCH)
        tap.equal(len(stub.requests_for(manifest_path(DOCKER.digest))), 2)


tap.main(globals())
