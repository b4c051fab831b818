#!/usr/bin/python3
"""Layers of one image that are read several at a time: in what order they end must not show, no
layer is asked for twice, and what bounds a run bounds this too."""

import functools
import io
import json
import random
import re
import signal
import tarfile
import tempfile
import threading
import time
from pathlib import Path

from exports import import_images
from harness import (Reply, StubRegistry, build_image, build_index, digest_of, error_reply,
                     run_layerproof, write_layout)
from images import OCI_CONFIG, OCI_MANIFEST, compress, describe, pack_tar, to_json
from running import Running

import tap

COUNT = 8
SECONDS = 20  # to wait for what must come


def content(number, size=3000):
    return random.Random(number).randbytes(size)


@functools.cache
def image_of_eight(size=3000):
    return build_image([{f"layer/{number}": content(number, size)} for number in range(COUNT)])


def blob_path(repository, digest):
    return f"/v2/{repository}/blobs/{digest}"


def blobs_asked(stub, image):
    """The digests of layers in the order in which they were asked for."""
    return [digest for request in stub.requests if (digest := request.path.rpartition("/")[2])
            in image.layers]


def verify(reference, *arguments, **how):
    return run_layerproof("inspect", "--json", "--verify", *arguments, reference, **how)


def hold_until_met(stub, repository, image, count):
    """The first `count` layers are not answered before all of them were asked for. Returns what says
    whether they were."""
    met = threading.Barrier(count)

    def answer(request):
        met.wait(SECONDS)
        return stub.usual(request)

    for digest in image.layers[:count]:
        stub.script(blob_path(repository, digest), answer)
    return lambda: not met.broken


class Together:
    """Serves layers a little late, and counts how many are being asked for at the same time."""

    def __init__(self, stub, repository, image):
        self.stub, self.lock, self.now, self.most = stub, threading.Lock(), 0, 0
        for digest in image.layers:
            stub.script(blob_path(repository, digest), self.answer)

    def answer(self, request):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.02)
        with self.lock:
            self.now -= 1
        return self.stub.usual(request)


def end_in_turn(stub, repository, digests):
    """These blobs are answered one after the other in this order, whatever they were asked in."""
    turns = [threading.Event() for _ in digests]

    def answer(request):
        number = digests.index(request.path.rpartition("/")[2])
        if number > 0:
            turns[number - 1].wait(SECONDS)
            time.sleep(0.05)  # what went before is read meanwhile
        turns[number].set()
        return stub.usual(request)

    for digest in digests:
        stub.script(blob_path(repository, digest), answer)


def test_one_at_a_time_and_many_give_the_same_bytes():
    image, outputs = image_of_eight(), []
    with StubRegistry() as stub:
        stub.put_image("a/b", "1", image)
        reference = f"{stub.address}/a/b:1"
        for jobs in (1, 8):
            stub.requests.clear()
            together = Together(stub, "a/b", image)
            ended = verify(reference, "--jobs", jobs)
            tap.equal((ended.exit, ended.stderr), (0, ""), f"{jobs} jobs")
            outputs.append(ended.stdout)
            asked = blobs_asked(stub, image)
            tap.equal(sorted(asked), sorted(image.layers), f"{jobs} jobs: asked for once each")
            if jobs == 1:
                tap.equal(asked, image.layers, "in their order")
                tap.equal(together.most, 1, "at once")
    tap.equal(outputs[0], outputs[1], "bytes")
    tap.equal([layer["level"] for layer in json.loads(outputs[0])["images"][0]["layers"]],
              ["hashed"] * COUNT)


def test_four_at_a_time_unless_told_otherwise():
    for arguments, together in (((), 4), (("-j", "2"), 2), (("--jobs", "6"), 6)):
        image = image_of_eight()
        with StubRegistry() as stub:
            stub.put_image("a/b", "1", image)
            were_together = hold_until_met(stub, "a/b", image, together)
            ended = verify(f"{stub.address}/a/b:1", *arguments)
            tap.equal((ended.exit, ended.stderr, were_together()), (0, "", True), arguments)
            at_once = Together(stub, "a/b", image)
            verify(f"{stub.address}/a/b:1", *arguments)
            assert at_once.most <= together, (arguments, at_once.most)


def test_the_order_in_which_layers_end_does_not_show():
    image = image_of_eight()
    broken = [image.layers[number] for number in (1, 3, 4)]
    outputs = []
    for digests in (image.layers[:4], image.layers[3::-1]):
        with StubRegistry() as stub:
            stub.put_image("a/b", "1", image)
            for digest in broken:
                stub.put_blob("a/b", image.blobs[digest][:-9] + b"\0" * 9, digest)
            end_in_turn(stub, "a/b", digests)
            ended = verify(f"{stub.address}/a/b:1", "--jobs", "4")
            tap.equal((ended.exit, ended.stderr), (1, ""))
            outputs.append(ended.stdout.replace(stub.address, "REGISTRY").replace(
                str(stub.port), "PORT"))
    tap.equal(outputs[0], outputs[1], "bytes")
    errors = json.loads(outputs[0])["errors"]
    tap.equal([error["where"] for error in errors if error["code"] == "tampered"],
              [f"layer {digest}" for digest in broken], "places of errors")


def test_one_damaged_layer_among_eight():
    image = image_of_eight()
    damaged = bytearray(image.blobs[image.layers[5]])
    damaged[1000] ^= 1
    with StubRegistry() as stub:
        stub.put_image("a/b", "1", image)
        stub.put_blob("a/b", bytes(damaged), image.layers[5])
        ended = verify(f"{stub.address}/a/b:1", "--jobs", "8")
        asked = blobs_asked(stub, image)
    tap.equal((ended.exit, ended.stderr), (1, ""))
    record = ended.records[0]
    layers = record["images"][0]["layers"]
    tap.equal(sorted(asked), sorted(image.layers), "each asked for once")
    tap.equal([layer["level"] for layer in layers], ["hashed"] * COUNT)
    tap.equal([number for number, layer in enumerate(layers) if layer.get("tampered")], [5])
    tap.equal(layers[5]["computed"]["digest"], digest_of(damaged))
    tap.equal({error["where"] for error in record["errors"]}, {f"layer {image.layers[5]}"})
    tap.equal(record["errors"][0], {"code": "tampered", "where": f"layer {image.layers[5]}",
                                    "message": f"the bytes served hash to {digest_of(damaged)}"})


def listed_twice(layers, diff_ids):
    """(manifest, config) that list these pairs of blob and diff_id."""
    config = to_json({"architecture": "amd64", "os": "linux", "config": {},
                      "rootfs": {"type": "layers", "diff_ids": diff_ids}})
    descriptors = [describe(layer, "application/vnd.oci.image.layer.v1.tar+gzip")
                   for layer in layers]
    return to_json({"schemaVersion": 2, "mediaType": OCI_MANIFEST,
                    "config": describe(config, OCI_CONFIG), "layers": descriptors}), config


def test_a_layer_that_is_listed_twice_is_read_once():
    tars = [pack_tar({"a": content(1)}), pack_tar({"b": content(2)})]
    blobs = [compress(tar, "gzip") for tar in tars]
    first, second = (digest_of(tar) for tar in tars)
    for diff_ids, exit_code in (([first, second, first], 0), ([first, second, second], 1)):
        manifest, config = listed_twice([blobs[0], blobs[1], blobs[0]], diff_ids)
        with StubRegistry() as stub:
            stub.put_manifest("a/b", "1", manifest)
            for blob in (config, *blobs):
                stub.put_blob("a/b", blob)
            ended = verify(f"{stub.address}/a/b:1", "--jobs", "8")
            asked = [len(stub.requests_for(blob_path("a/b", digest_of(blob)))) for blob in blobs]
        tap.equal((ended.exit, ended.stderr, asked), (exit_code, "", [1, 1]))
        errors = ended.records[0]["errors"]
        layers = ended.records[0]["images"][0]["layers"]
        tap.equal([layer["level"] for layer in layers], ["hashed"] * 3)
        tap.equal([layer.get("tampered", False) for layer in layers], [False, False, exit_code == 1])
        tap.equal([error["message"] for error in errors],
                  [f"the uncompressed bytes hash to {first}, not to the diff_id of its place"]
                  * exit_code)


def test_the_same_in_a_layout():
    """Of a local place nothing is taken from memory but what it has shown itself."""
    tars = [pack_tar({"a": content(1)}), pack_tar({"b": content(2)})]
    blobs = [compress(tar, "gzip") for tar in tars]
    manifest, config = listed_twice([blobs[0], blobs[1], blobs[0]],
                                    [digest_of(tars[0]), digest_of(tars[1]), digest_of(tars[1])])
    image = build_image([])
    image.document, image.blobs = manifest, {digest_of(data): data for data in (config, *blobs)}
    with tempfile.TemporaryDirectory() as folder:
        write_layout(folder, {"1": image})
        index = import_images(folder, {"registry.acme.example/ours/app:1": image_of_eight()})
        costs = []
        for jobs in (1, 8):
            ended = run_layerproof("--index", index, "check", "--depth", "full", "-j", jobs,
                                   f"oci:{folder}:1")
            costs.append((ended.exit, ended.findings[0]["coverage"], ended.findings[0]["cost"]["bytes"],
                          ended.findings[0]["cost"]["requests"]))
    tap.equal(costs[0], costs[1], "costs")
    tap.equal(costs[0][1]["bytes"]["fetched"], len(blobs[0]) + len(blobs[1]), "each read once")


def test_a_reset_layer_is_resumed_while_others_go_on():
    image = image_of_eight(size=300_000)
    broken = image.layers[2]
    body = image.blobs[broken]
    with StubRegistry() as stub:
        stub.put_image("a/b", "1", image)
        headers = {"Content-Type": "application/octet-stream", "Accept-Ranges": "bytes"}
        stub.script(blob_path("a/b", broken),
                    Reply(200, headers, body, cut=150_000, length=len(body)), None)
        ended = verify(f"{stub.address}/a/b:1", "--jobs", "4")
        tap.equal((ended.exit, ended.stderr, ended.records[0]["errors"]), (0, "", []))
        ranges = [request.header("Range") for request in stub.requests_for(blob_path("a/b", broken))]
        tap.equal(len(ranges), 2, "requests for the broken one")
        tap.equal(ranges[0], None)
        resumed = re.fullmatch(r"bytes=(\d+)-(\d*)", ranges[1])
        assert resumed and 0 < int(resumed[1]) <= 150_000, ranges
        for digest in image.layers:
            if digest != broken:
                tap.equal(len(stub.requests_for(blob_path("a/b", digest))), 1, digest)


def test_a_budget_is_spent_on_the_layers_in_their_order():
    image = image_of_eight()
    sizes = [len(image.blobs[digest]) for digest in image.layers]
    documents = len(image.document) + len(image.config)
    with StubRegistry() as stub:
        stub.put_image("a/b", "1", image)
        reference = f"{stub.address}/a/b:1"
        for option, most in (("--max-bytes", documents + sum(sizes[:3]) + 10), ("--max-requests", 2 + 3)):
            stub.requests.clear()
            ended = verify(reference, "--jobs", "8", option, most)
            record = ended.records[0]
            tap.equal((ended.exit, ended.stderr), (3, ""), option)
            # How long an answer is shows once it begins; what is longer than allowed is not read.
            what, asked = ("bytes", COUNT) if option == "--max-bytes" else ("requests", 3)
            tap.equal(blobs_asked(stub, image), image.layers[:asked], f"{option}: asked for")
            tap.equal([(error["code"], error["where"]) for error in record["errors"]],
                      [("over_limit", f"layer {digest}") for digest in image.layers[3:]], option)
            assert all(f"the run's budget of {most} {what} is used up" in error["message"]
                       for error in record["errors"]), record["errors"]


def test_a_signal_ends_all_of_them():
    image = image_of_eight(size=200_000)
    with StubRegistry() as stub:
        stub.put_image("a/b", "1", image)
        for digest in image.layers:
            body = image.blobs[digest]
            stub.script(blob_path("a/b", digest), Reply(200, {}, body, drip=(2000, 0.2)))
        with Running("inspect", "--json", "--verify", "--jobs", "4", f"{stub.address}/a/b:1") as run:
            run.wait_for(lambda: len(blobs_asked(stub, image)) >= 4, "four layers")
            begun = time.monotonic()
            run.signal(signal.SIGINT)
            ended = run.finish()
            assert time.monotonic() - begun < 10, "it went on"
        tap.equal(sorted(blobs_asked(stub, image)), sorted(image.layers[:4]), "asked for")
    tap.equal(ended.exit, 130)
    errors = json.loads(ended.stdout)["errors"]
    tap.equal([(error["code"], error["where"]) for error in errors],
              [("interrupted", f"layer {digest}") for digest in image.layers])


def test_what_waits_behind_a_slow_layer_is_bounded():
    """Layers are taken in as if they had been read in their order, so what is read ahead of a slow
    one waits for it: no more than 1,024 layers."""
    ahead, per_image = 1024, 600
    index = build_index({f"linux/{name}": build_image([{f"{name}/{number}": b"x"}
                                                       for number in range(per_image)])
                         for name in ("amd64", "arm64")})
    released, asked = threading.Event(), set()
    with StubRegistry() as stub:
        stub.put_image("a/b", "1", index)
        layers = [layer["digest"] for manifest, _ in index.manifests.values()
                  for layer in json.loads(manifest)["layers"]]

        def answer(request):
            digest = request.path.rpartition("/")[2]
            asked.add(digest)
            if digest == layers[0]:
                released.wait(60)
            return stub.usual(request)

        for digest in layers:
            stub.script(blob_path("a/b", digest), answer)
        with Running("inspect", "--json", "--verify", "--jobs", "2", f"{stub.address}/a/b:1") as run:
            try:
                run.wait_for(lambda: len(asked) >= ahead, f"{ahead} layers")
                time.sleep(0.5)
                tap.equal(asked, set(layers[:ahead]), "asked for while the first is held")
            finally:
                released.set()
            ended = run.finish()
    tap.equal(asked, set(layers))
    tap.equal({layer["level"] for image in ended.records[0]["images"] for layer in image["layers"]},
              {"hashed"})


def check_full(folder, references, *arguments, images=None, **how):
    index = import_images(folder, images or {"registry.acme.example/ours/app:1": image_of_eight()})
    return run_layerproof("--index", index, "check", "--depth", "full", "--ordered", "--no-cache",
                          *arguments, *references, **how)


def test_many_candidates_share_the_jobs():
    images = [build_image([{f"{name}/{number}": content(name * 100 + number)}
                           for number in range(COUNT)]) for name in range(5)]
    with StubRegistry() as stub, tempfile.TemporaryDirectory() as folder:
        for name, image in enumerate(images):
            stub.put_image(f"a/b{name}", "1", image)
        references = [f"{stub.address}/a/b{name}:1" for name in range(len(images))]
        outputs, costs = [], []
        for jobs in ("1", "4"):
            together = Together(stub, None, build_image([]))
            for name, image in enumerate(images):
                for digest in image.layers:
                    stub.script(blob_path(f"a/b{name}", digest), together.answer)
            stub.requests.clear()
            ended = check_full(folder, references, "-j", jobs)
            tap.equal((ended.exit, ended.stderr), (0, ""), f"{jobs} jobs")
            tap.equal(len(stub.requests), 5 * (2 + COUNT), "requests")
            # What was lent goes on to the end of its layer when another candidate comes.
            assert together.most <= 2 * int(jobs) - 1, (jobs, together.most)
            costs.append([(finding["cost"]["requests"], finding["cost"]["bytes"])
                          for finding in ended.findings])
            ended = check_full(folder, references, "-j", jobs, "--reproducible")
            outputs.append(ended.stdout)
    tap.equal(outputs[0], outputs[1], "bytes")
    tap.equal(costs[0], costs[1], "costs, with what hands did")
    tap.equal(costs[0], [(2 + COUNT, sum(map(len, [image.document, *image.blobs.values()])))
                         for image in images])


def test_candidates_that_share_layers_read_each_once():
    base = [{f"base/{number}": content(number)} for number in range(6)]
    images = [build_image([*base, {f"own/{name}": content(1000 + name)}]) for name in range(4)]
    with StubRegistry() as stub, tempfile.TemporaryDirectory() as folder:
        for name, image in enumerate(images):
            stub.put_image(f"a/b{name}", "1", image)
        ended = check_full(folder, [f"{stub.address}/a/b{name}:1" for name in range(4)], "-j", "8")
        tap.equal((ended.exit, ended.stderr), (0, ""))
        blobs = [(request.method, request.path) for request in stub.requests
                 if "/blobs/" in request.path]
    sent = [path.rpartition("/")[2] for method, path in blobs if method == "GET"]
    tap.equal((len(sent), len(set(sent))), (4 + 6 + 4, 4 + 6 + 4), "configs, base, own: each once")
    tap.equal(([method for method, _ in blobs].count("HEAD"), len(set(blobs))), (3 * 6, len(blobs)),
              "each other candidate was asked once whether it has the base")
    tap.equal([finding["coverage"]["layers"]["hashed"] for finding in ended.findings], [7] * 4)


def test_who_is_asked_to_wait_comes_back():
    """A hand is told to wait: the candidate is put back, and what was read is not read again."""
    image = image_of_eight()
    with StubRegistry() as stub, tempfile.TemporaryDirectory() as folder:
        stub.put_image("a/b", "1", image)
        stub.script(blob_path("a/b", image.layers[1]),
                    error_reply(429, "TOOMANYREQUESTS", headers={"Retry-After": "3"}), None)
        ended = check_full(folder, [f"{stub.address}/a/b:1"], "-j", "4")
        tap.equal((ended.exit, ended.stderr), (0, ""))
        finding = ended.findings[0]
        tap.equal((finding["errors"], finding["coverage"]["layers"]["hashed"]), ([], COUNT))
        tap.equal(len(stub.requests_for(blob_path("a/b", image.layers[1]))), 2, "the refused one")
        for digest in image.layers[2:]:
            tap.equal(len(stub.requests_for(blob_path("a/b", digest))), 1, digest)
        tap.equal(finding["cost"]["requests"], len(stub.requests), "requests")


def archive_of(folder, name, mode):
    """The layout of the folder as an oci-archive."""
    path = Path(folder) / name
    with tarfile.open(path, mode) as tar:
        for part in ("oci-layout", "index.json", "blobs"):
            tar.add(Path(folder) / "layout" / part, part)
    return path


def docker_archive_of(folder, name, mode, image, tars):
    """The same image as `docker save` writes it: plain tars under an old manifest.json."""
    path = Path(folder) / name
    config = digest_of(image.config).removeprefix("sha256:") + ".json"
    members = {"manifest.json": to_json([{"Config": config, "RepoTags": ["a/b:1"],
                                          "Layers": [f"{number}/layer.tar" for number in range(COUNT)]}]),
               config: image.config}
    members.update({f"{number}/layer.tar": tar for number, tar in enumerate(tars)})
    with tarfile.open(path, mode) as archive:
        for member, data in members.items():
            entry = tarfile.TarInfo(member)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return path


def test_local_images_give_the_same_bytes():
    image = image_of_eight()
    tars = [pack_tar({f"layer/{number}": content(number)}) for number in range(COUNT)]
    with tempfile.TemporaryDirectory() as folder:
        write_layout(Path(folder) / "layout", {"1": image})
        references = [f"oci:{folder}/layout:1",
                      f"oci-archive:{archive_of(folder, 'plain.tar', 'w')}:1",
                      f"oci-archive:{archive_of(folder, 'packed.tar.gz', 'w:gz')}:1",
                      f"docker-archive:{docker_archive_of(folder, 'plain', 'w', image, tars)}:a/b:1",
                      f"docker-archive:{docker_archive_of(folder, 'packed', 'w:gz', image, tars)}:a/b:1"]
        for reference in references:
            ended = [verify(reference, "--jobs", jobs) for jobs in (1, 8)]
            tap.equal([(run.exit, run.stderr) for run in ended], [(0, "")] * 2, reference)
            tap.equal(ended[0].stdout, ended[1].stdout, reference)
            tap.equal({layer["level"] for layer in ended[0].records[0]["images"][0]["layers"]},
                      {"hashed"}, reference)


if __name__ == "__main__":
    tap.main(globals())
