#!/usr/bin/python3
"""A docker-registry whose store was altered, whose connections break, that is killed and comes back;
and HTTP/2 streams that are reset."""

import random
import tempfile
import threading

from asking import check_references, errors_of, verdict
from exports import import_images
from harness import (Authority, Registry, Reply, StubRegistry, TlsFront, build_image, digest_of,
                     push_image, run_layerproof)
from relay import Relay
from running import Running

import tap

NOISE = random.Random(4).randbytes(4 << 20)
OURS = build_image([{"etc/os-release": b"ID=test\n"}, {"app/large": NOISE}],
                   annotations={"title": "what is in the store"})
OWN = OURS.layers[1]
SIZE = len(OURS.blobs[OWN])
IMAGES = {"registry.acme.example/ours/app:1": OURS}
NAME = "stranger/app"
PATH = f"/v2/{NAME}/blobs/{OWN}"
BREAK = 2 << 20
PROVED = (0, "true_positive", "layer", "high")


def check_one(reference, **how):
    ended = check_references(reference, images=IMAGES, **how)
    return ended.exit, ended.findings[0]


def stored(registry, digest):
    """The file of a blob in the store of a docker-registry."""
    name = digest.removeprefix("sha256:")
    return (registry.directory / "storage/docker/registry/v2/blobs/sha256" / name[:2] / name
            / "data")


def test_manifest_that_was_altered_in_the_store():
    """By its tag the registry still tells the old digest: the bytes are what counts. By its digest
    it is either not served, or tampered with."""
    with Registry() as registry:
        push_image(OURS, registry, f"{NAME}:1")
        other = OURS.document.replace(b"what is in the store", b"what was in it before")
        stored(registry, OURS.digest).write_bytes(other)
        code, finding = check_one(f"{registry.address}/{NAME}:1")
        tap.equal((verdict(code, finding), finding["digest"], finding["flags"]),
                  (PROVED, digest_of(other), ["digest_header_differs"]))
        digest = f"{registry.address}/{NAME}@{OURS.digest}"
        code, finding = check_one(digest)
        tap.equal((verdict(code, finding), finding["flags"], finding["digest"]),
                  (PROVED, ["digest_header_differs", "tampered"], digest_of(other)))
        tap.equal(errors_of(finding), [("tampered", f"manifest {OURS.digest}",
                                        f"the bytes served hash to {digest_of(other)}")])
        tap.equal(run_layerproof("inspect", digest).exit, 1)


def test_layer_that_was_altered_in_the_store():
    with Registry() as registry:
        push_image(OURS, registry, f"{NAME}:1")
        data = bytearray(OURS.blobs[OWN])
        data[SIZE // 2] ^= 1
        stored(registry, OWN).write_bytes(data)
        code, finding = check_one(f"{registry.address}/{NAME}:1", depth="full")
        tap.equal(finding["flags"], ["tampered"])
        tap.equal(errors_of(finding)[0], ("tampered", f"layer {OWN}",
                                          f"the bytes served hash to {digest_of(bytes(data))}"))
        stored(registry, OWN).write_bytes(OURS.blobs[OWN][:-1])
        code, finding = check_one(f"{registry.address}/{NAME}:1", depth="full")
        tap.equal((code, finding["flags"]), (0, ["tampered"]))


def assert_read_once(code, finding, relay):
    """The layer was proved, of bytes that each came once, over two connections."""
    tap.equal((verdict(code, finding), finding["errors"]), (PROVED, []))
    documents = len(OURS.document) + len(OURS.config)
    tap.equal(finding["cost"]["bytes"] - documents, SIZE, "bytes of the layer")
    first, second = relay.ranges(PATH)
    tap.equal((relay.breaks, first), (1, None))
    offset = int(second.removeprefix("bytes=").removesuffix("-"))
    assert 0 < offset <= BREAK, second


def test_connection_that_is_reset_in_mid_layer():
    with Registry() as registry, Relay(registry, break_after=BREAK) as relay:
        push_image(OURS, registry, f"{NAME}:1")
        assert_read_once(*check_one(f"{relay.address}/{NAME}:1"), relay)


class Broken:
    """A docker-registry with our image behind a relay; `act` is done when the layer has broken, and
    before the client is told."""

    def __init__(self, *command, act, patience=20):
        self.command, self.act, self.patience = command, act, patience

    def run(self):
        """(Result, relay) of the command with the reference behind it."""
        mended = threading.Event()
        with tempfile.TemporaryDirectory() as folder, Registry() as registry:
            push_image(OURS, registry, f"{NAME}:1")
            index = import_images(folder, IMAGES)
            with Relay(registry, break_after=BREAK, mended=mended, patience=self.patience) as relay:
                with Running("--index", index, *self.command, f"{relay.address}/{NAME}:1") as run:
                    run.wait_for(lambda: relay.breaks, "a broken connection")
                    self.act(registry)
                    mended.set()
                    return run.finish(), relay


def test_registry_that_is_killed_and_comes_back_in_mid_layer():
    pids = []

    def restart(registry):
        pids.append(registry.pid)
        registry.restart()
        pids.append(registry.pid)

    ended, relay = Broken("check", act=restart).run()
    assert_read_once(ended.exit, ended.findings[0], relay)
    ended, relay = Broken("inspect", "--verify", act=restart).run()
    tap.equal((ended.exit, ended.stderr, len(relay.ranges(PATH))), (0, "", 2))
    tap.equal(len(set(pids)), 4, "registries")


def test_registry_that_is_killed_for_good_in_mid_layer():
    """What was read is no proof, and what was known before stays known."""
    ended, relay = Broken("check", act=Registry.kill, patience=0.05).run()
    finding = ended.findings[0]
    tap.equal((ended.exit, finding["verdict"], finding["reason"]), (3, "true_positive", "manifest"))
    tap.equal(errors_of(finding), [("unreachable", f"layer {layer}",
                                    f"{relay.address}: the connection broke")
                                   for layer in (OWN, OURS.layers[0])])


def test_registry_that_is_killed_and_comes_back_in_mid_run():
    """No candidate is lost or answered twice, and none fails where the registry is soon back."""
    with tempfile.TemporaryDirectory() as folder, Registry() as registry:
        push_image(OURS, registry, f"{NAME}:1")
        index = import_images(folder, IMAGES)
        with Relay(registry) as relay, Running("--index", index, "check", "--depth", "manifest",
                                               "-j", "4") as run:
            for _ in range(3):
                before = len(run.lines)
                run.send(f"{relay.address}/{NAME}:1\n" * 100)
                run.wait_for_lines(before + 20)
                registry.restart()
            ended = run.finish()
    tap.equal((ended.exit, ended.stderr, len(ended.findings)), (0, "", 300))
    tap.equal({(finding["reason"], finding["digest"]) for finding in ended.findings},
              {("manifest", OURS.digest)})


def test_http2_streams_that_are_reset():
    """nginx resets the stream when its upstream breaks; the rest is asked for, and proves."""
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        stub.put_image(NAME, "1", OURS)
        stub.script(PATH, Reply(200, {}, OURS.blobs[OWN], cut=BREAK, reset=True), None)
        stub.script(f"/v2/{NAME}/manifests/2",
                    Reply(200, {}, OURS.document, cut=len(OURS.document) // 2), None)
        stub.put_manifest(NAME, "2", OURS.document)
        authority = Authority(folder)
        with TlsFront(stub, authority, http2=True) as front:
            arguments = ("--ca-file", authority.certificate_file)
            code, finding = check_one(f"{front.address}/{NAME}:1", arguments=arguments)
            tap.equal(verdict(code, finding), PROVED)
            ranges = [request.header("Range") for request in stub.requests_for(PATH)]
            code, finding = check_one(f"{front.address}/{NAME}:2", arguments=arguments,
                                      depth="manifest")
            tap.equal((code, finding["reason"]), (0, "manifest"))
            tap.equal(len(stub.requests_for(f"/v2/{NAME}/manifests/2")), 2)
            lines = front.access_text().splitlines()
    tap.equal([line for line in lines if " HTTP/2.0\" " not in line], [], "not by HTTP/2")
    first, second = ranges
    tap.equal(first, None)
    assert 0 < int(second.removeprefix("bytes=").removesuffix("-")) <= BREAK, second


tap.main(globals())
