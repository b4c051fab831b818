#!/usr/bin/python3
"""Facts about registries that go their own way: what `check` and `inspect` make of it."""

from asking import (NO_MATCH, NOT_FOUND, PARTIAL, PROVED, REPOSITORY, STRANGER, OURS, asked, check,
                    check_one, errors_of, inspect, manifest_path, verdict)
from harness import Reply, StubRegistry, build_image, build_index, error_reply
from images import OCI_MANIFEST

import tap

MANIFEST_HEADERS = {"Content-Type": OCI_MANIFEST}


def warned(*values):
    return Reply(200, {**MANIFEST_HEADERS, "Warning": list(values)}, STRANGER.document)


def warnings_of(stub, *replies, arguments=("-j", "1")):
    """What standard error holds after a check of a tag for each reply."""
    stub.put_image(REPOSITORY, "unused", STRANGER)
    tags = [f"t{number}" for number in range(len(replies))]
    for tag, reply in zip(tags, replies, strict=True):
        stub.script(manifest_path(tag), reply)
    ended = check(stub, *tags, arguments=arguments, messages=None)
    tap.equal({verdict(ended.exit, finding) for finding in ended.findings}, {NO_MATCH})
    return ended.stderr


def said(stub, *texts):
    return "".join(f"layerproof: warning: {stub.address} says: {text}\n" for text in texts)


def test_fact_17_warnings_are_shown_once():
    with StubRegistry() as stub:
        tap.equal(warnings_of(stub, warned('299 - "this image is old"', '299 - "and \\"bad\\""'),
                              warned('299 - "this image is old"'),
                              warned('299 - "last", 299 - "of all"')),
                  said(stub, "this image is old", 'and "bad"', "last", "of all"))


def test_fact_17_what_is_no_warning_is_not_shown():
    with StubRegistry() as stub:
        tap.equal(warnings_of(
            stub, warned('299 - "a\x1b[2Jb"', '299 - "tab\tbed"', '199 - "other"', "299 - bare",
                         '299 proxy "named"', '299 - "dated" "Tue, 15 Nov 1994 08:12:31 GMT"',
                         '299 - "cut', '299 - ""')), "")


def test_fact_17_texts_that_would_steer_a_terminal_are_escaped():
    with StubRegistry() as stub:
        tap.equal(warnings_of(stub, warned('299 - "a\u202eb\u009bc"'.encode().decode("latin-1"))),
                  said(stub, r"a\xe2\x80\xaeb\xc2\x9bc"))


def test_fact_17_warnings_are_bounded():
    long = "x" * 2000
    texts = [f"number {number}" for number in range(100)]
    with StubRegistry() as stub:
        tap.equal(warnings_of(stub, warned(f'299 - "{long}"', f'299 - "{long}y"', '299 - "in"',
                                           f'299 - "{long}z"', '299 - "behind 4096 bytes"')),
                  said(stub, *[text[:2047 - len(f"{stub.address} says: ")]
                               for text in (long, long + "y", "in")]))
    with StubRegistry() as stub:
        tap.equal(warnings_of(stub, *[warned(f'299 - "{text}"') for text in texts]),
                  said(stub, *texts[:64]))


def test_fact_17_warnings_are_silenced_and_change_nothing():
    with StubRegistry() as stub:
        tap.equal(warnings_of(stub, warned('299 - "stop"'), arguments=("-q",)), "")
    with StubRegistry() as stub:
        stub.put_image(REPOSITORY, "1", OURS)
        stub.script(manifest_path("1"), Reply(
            200, {**MANIFEST_HEADERS, "Warning": '299 - "retry after 1 h"'}, OURS.document))
        code, finding = check_one(stub, messages=said(stub, "retry after 1 h"))
        tap.equal(verdict(code, finding), PROVED)
        code, record = inspect(stub, messages=said(stub, "retry after 1 h"))
        tap.equal((code, record["digest"]), (0, OURS.digest))


tap.main(globals())
