#!/usr/bin/python3
"""`add --missing`: images that an export named without their layers, from their own registry."""

import json
import os
import signal
import tempfile
import time
from pathlib import Path

from harness import (Registry, Reply, StubRegistry, build_image, build_index, digest_of,
                     run_layerproof)
from images import OCI_CONFIG, OCI_LAYER, OCI_MANIFEST, compress, describe, pack_tar, to_json
from running import Running

import tap

IMAGE = build_image([{"etc/base": b"base\n"}, {"app": b"ours\n" * 100}])
OTHER = build_image([{"etc/base": b"base\n"}, {"app": b"newer\n" * 100}], platform="linux/arm64")
CONFIG = IMAGE.parsed["config"]["digest"]
LAYER = compress(pack_tar({"shared": b"layer\n" * 10}), "gzip")
DIFF_ID = digest_of(pack_tar({"shared": b"layer\n" * 10}))


def import_rows(folder, rows, *arguments):
    """An index of `rows`, each of what an export says of one image."""
    export, index = Path(folder) / "export.ndjson", Path(folder) / "index"
    export.write_text("".join(json.dumps(row) + "\n" for row in rows))
    ended = run_layerproof("--index", index, "import", "--source", "cspm", *arguments, export)
    tap.equal(ended.exit, 0, ended.stderr)
    return index


def add_missing(index, *arguments):
    return run_layerproof("--index", index, "add", "--missing", *arguments)


def held(index, digest):
    """Each image that holds the digest: name, source, whether its layers are known."""
    record = run_layerproof("--index", index, "index", "show", "--json", digest).records[0]
    return sorted((image["name"], image["source"], image["boundary"]["reason"] != "none")
                  for image in record["images"])


def first_line(completed, missing, failed):
    return f"{missing} images lacked their layers: {completed} completed, {failed} not"


def manifests(stub):
    return [request.path for request in stub.requests if "/manifests/" in request.path]


def test_by_digest():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        stub.put_image("acme/app", "1", IMAGE)
        name = f"{stub.address}/acme/app@{IMAGE.digest}"
        index = import_rows(folder, [{"name": name, "digest": IMAGE.digest}])
        ended = add_missing(index)
        tap.equal((ended.exit, ended.stderr), (0, ""))
        tap.equal(ended.stdout.splitlines()[:2], [
            first_line(1, 1, 0), "1 images read: 1 ours, 0 third-party, 0 public"])
        tap.equal(manifests(stub), [f"/v2/acme/app/manifests/{IMAGE.digest}"])
        tap.equal(held(index, IMAGE.digest), [(name, "add", True), (name, "cspm", False)])
        tap.equal(held(index, IMAGE.layers[1]), [(name, "add", True)])


def test_second_run_asks_for_nothing():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        stub.put_image("acme/app", "1", IMAGE)
        stub.put_image("acme/app", "2", OTHER)
        rows = [{"name": f"{stub.address}/acme/app:1", "digest": IMAGE.digest},
                {"name": f"{stub.address}/acme/app:2"} | {"digest": OTHER.digest}]
        index = import_rows(folder, rows)
        tap.equal(add_missing(index).exit, 0)
        stub.requests.clear()
        ended = add_missing(index)
        tap.equal((ended.exit, ended.stderr), (0, ""))
        tap.equal(ended.stdout.splitlines()[0], first_line(0, 0, 0))
        tap.equal(stub.requests, [])


def test_digest_of_a_configuration_leads_by_the_tag():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        stub.put_image("acme/app", "1", IMAGE)
        index = import_rows(folder, [{"name": f"{stub.address}/acme/app:1", "digest": CONFIG}])
        ended = add_missing(index)
        tap.equal((ended.exit, ended.stderr), (0, ""))
        tap.equal(manifests(stub), ["/v2/acme/app/manifests/1"])
        tap.equal(len(held(index, CONFIG)), 2, "images that hold it")


def test_tag_that_was_moved_on_is_not_mixed_in():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        stub.put_image("acme/app", "1", OTHER)
        name = f"{stub.address}/acme/app:1"
        index = import_rows(folder, [{"name": name, "digest": CONFIG}])
        ended = add_missing(index)
        tap.equal(ended.exit, 3)
        tap.equal(ended.stderr, f"layerproof: {name}: the tag is another image's now, "
                  f"{OTHER.digest}, which has no digest that the index knows: not added\n")
        tap.equal(ended.stdout.splitlines()[:2], [
            first_line(0, 1, 1), "0 images read: 0 ours, 0 third-party, 0 public"])
        tap.equal(held(index, CONFIG), [(name, "cspm", False)])


def test_one_of_several_of_a_tag_fits():
    """Three rows of one tag: the tag is asked for once, and only what it is now is completed."""
    gone = digest_of(b"a configuration of last year")
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        stub.put_image("acme/app", "1", IMAGE)
        name = f"{stub.address}/acme/app:1"
        index = import_rows(folder, [{"name": name, "digest": digest}
                                     for digest in (gone, CONFIG, IMAGE.digest)])
        ended = add_missing(index)
        tap.equal(ended.exit, 3)
        tap.equal(ended.stderr.count("the tag is another image's now"), 1, "errors")
        tap.equal(ended.stdout.splitlines()[0], first_line(2, 3, 1))
        tap.equal(manifests(stub), ["/v2/acme/app/manifests/1", f"/v2/acme/app/manifests/{gone}"])


def test_digest_is_asked_for_where_the_tag_was_moved_on():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        stub.put_image("acme/app", "1", IMAGE)
        stub.put_image("acme/app", "1", OTHER)
        name = f"{stub.address}/acme/app:1"
        index = import_rows(folder, [{"name": name, "digest": IMAGE.digest}])
        ended = add_missing(index)
        tap.equal((ended.exit, ended.stderr), (0, ""))
        tap.equal(manifests(stub), ["/v2/acme/app/manifests/1",
                                    f"/v2/acme/app/manifests/{IMAGE.digest}"])
        tap.equal(held(index, IMAGE.digest), [(name, "add", True), (name, "cspm", False)])


def test_digest_of_a_configuration_is_never_asked_for_as_a_manifest():
    """docker-registry answers that with 500 where the configuration is there."""
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        stub.put_image("acme/app", "1", IMAGE)
        stub.put_image("acme/app", "1", OTHER)
        index = import_rows(folder, [{"name": f"{stub.address}/acme/app:1", "digest": CONFIG}])
        ended = add_missing(index)
        tap.equal((ended.exit, ended.stdout.splitlines()[0]), (3, first_line(0, 1, 1)))
        tap.contains(ended.stderr, "the tag is another image's now", "message")
        tap.equal(manifests(stub), ["/v2/acme/app/manifests/1"])
        tap.equal([request.method for request in stub.requests if CONFIG in request.path], ["HEAD"])


def test_tag_that_is_gone_leaves_the_digest():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        stub.put_image("acme/app", "2", IMAGE)
        index = import_rows(folder, [{"name": f"{stub.address}/acme/app:1",
                                      "digest": IMAGE.digest}])
        ended = add_missing(index)
        tap.equal((ended.exit, ended.stderr), (0, ""))
        tap.equal(ended.stdout.splitlines()[0], first_line(1, 1, 0))


def test_index_of_platforms():
    both = build_index({"linux/amd64": IMAGE, "linux/arm64": OTHER})
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        stub.put_image("acme/app", "1", both)
        name = f"{stub.address}/acme/app@{both.digest}"
        index = import_rows(folder, [{"name": name, "digest": both.digest}])
        ended = add_missing(index)
        tap.equal((ended.exit, ended.stderr), (0, ""))
        tap.equal(ended.stdout.splitlines()[:2], [
            first_line(1, 1, 0), "2 images read: 2 ours, 0 third-party, 0 public"])
        tap.equal(held(index, both.digest),
                  [(name, "add", True), (name, "add", True), (name, "cspm", False)])


def test_same_image_under_many_names_is_asked_for_once():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        stub.put_image("acme/app", "1", IMAGE)
        rows = [{"name": f"{stub.address}/acme/app@{IMAGE.digest}", "digest": IMAGE.digest,
                 "platform": platform} for platform in ("linux/amd64", "linux/arm64")]
        index = import_rows(folder, rows)
        ended = add_missing(index)
        tap.equal((ended.exit, ended.stderr), (0, ""))
        tap.equal(ended.stdout.splitlines()[0], first_line(2, 2, 0))
        tap.equal(len(manifests(stub)), 1, "manifests asked for")


def test_origin_of_the_export_stays():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        stub.put_image("acme/app", "1", IMAGE)
        stub.put_image("acme/vendor", "1", OTHER)
        rows = [{"name": f"{stub.address}/acme/app:1", "digest": IMAGE.digest},
                {"name": f"{stub.address}/acme/vendor:1", "digest": OTHER.digest}]
        index = import_rows(folder, rows, "--third-party", "*/vendor")
        ended = add_missing(index)
        tap.equal(ended.stdout.splitlines()[1], "2 images read: 1 ours, 1 third-party, 0 public")


def test_names_without_a_registry_are_never_asked_for():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        stub.put_image("acme/app", "1", IMAGE)
        rows = [{"name": "payments/api:1.4.2", "digest": "sha256:" + "1" * 64},
                {"name": "api@sha256:" + "2" * 64, "digest": "sha256:" + "2" * 64},
                {"name": "", "digest": "sha256:" + "3" * 64},
                {"name": f"{stub.address}/acme/app:1", "digest": IMAGE.digest}]
        index = import_rows(folder, rows)
        ended = add_missing(index)
        tap.equal((ended.exit, ended.stderr), (3, ""))
        tap.equal(ended.stdout.splitlines()[:2], [
            first_line(1, 3, 0), "  not asked for: 2 whose names say no registry"])


def test_forms_of_names():
    """A scheme before the name and a digest behind the tag are no part of what is asked for."""
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        stub.put_image("acme/app", "1", IMAGE)
        stub.put_image("acme/tool", "1", OTHER)
        rows = [{"name": f"docker-pullable://{stub.address}/acme/app@{IMAGE.digest}",
                 "digest": IMAGE.digest},
                {"name": f"{stub.address}/acme/tool:1@{OTHER.digest}", "digest": OTHER.digest}]
        index = import_rows(folder, rows)
        ended = add_missing(index)
        tap.equal((ended.exit, ended.stderr), (0, ""))
        tap.equal(ended.stdout.splitlines()[0], first_line(2, 2, 0))
        tap.equal(sorted(manifests(stub)), [f"/v2/acme/app/manifests/{IMAGE.digest}",
                                            "/v2/acme/tool/manifests/1"])


def import_layers(folder, rows):
    return import_rows(folder, rows, "--map", "layer=layer", "--map", "name=name")


def test_image_known_by_a_layer_leads_by_the_tag():
    """A layer is in many images: that another one has it tells nothing."""
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        stub.put_image("acme/app", "1", IMAGE)
        stub.put_image("acme/app", "2", OTHER)
        name = f"{stub.address}/acme/app:1"
        tap.equal(run_layerproof("--index", Path(folder) / "index", "add",
                                 f"{stub.address}/acme/app:2").exit, 0)
        index = import_layers(folder, [{"name": name, "layer": IMAGE.layers[0]},
                                       {"name": name, "layer": IMAGE.layers[1]}])
        ended = add_missing(index)
        tap.equal((ended.exit, ended.stderr), (0, ""))
        tap.equal(ended.stdout.splitlines()[1], "1 images read: 1 ours, 0 third-party, 0 public")
        stub.requests.clear()
        tap.equal(add_missing(index).stdout.splitlines()[0], first_line(0, 0, 0))
        tap.equal(stub.requests, [])


def test_image_known_by_a_layer_that_is_gone_is_not_mixed_up():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        stub.put_image("acme/app", "1", OTHER)
        name = f"{stub.address}/acme/app:1"
        index = import_layers(folder, [{"name": name, "layer": IMAGE.layers[1]}])
        ended = add_missing(index)
        tap.equal(ended.exit, 3)
        tap.contains(ended.stderr, f"{name}: the tag is another image's now, {OTHER.digest}", "error")
        tap.contains(ended.stdout, "0 images read", "output")


def test_boundary_of_the_export_goes_with_it():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        stub.put_image("acme/app", "1", IMAGE)
        rows = [{"name": f"{stub.address}/acme/app:1", "digest": IMAGE.digest, "boundary": "1"}]
        index = import_rows(folder, rows, "--map", "boundary=boundary")
        tap.equal(add_missing(index).exit, 0)
        record = run_layerproof("--index", index, "index", "show", "--json",
                                IMAGE.layers[1]).records[0]
        tap.equal([image["boundary"] for image in record["images"]],
                  [{"layers": 1, "known": True, "reason": "set"}])


def test_those_that_fail_are_named_and_counted():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        stub.put_image("acme/app", "1", IMAGE)
        gone = f"{stub.address}/acme/gone@" + "sha256:" + "4" * 64
        rows = [{"name": f"{stub.address}/acme/app:1", "digest": IMAGE.digest},
                {"name": gone, "digest": "sha256:" + "4" * 64}]
        index = import_rows(folder, rows)
        ended = add_missing(index)
        tap.equal((ended.exit, ended.stdout.splitlines()[0]), (3, first_line(1, 2, 1)))
        tap.equal(ended.stderr, f"layerproof: {gone}: {stub.address}: 404 MANIFEST_UNKNOWN: "
                                "manifest_unknown\n")


def test_manifest_that_was_changed_is_not_mixed_in():
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        stub.put_image("acme/app", "1", IMAGE)
        stub.put_image("acme/app", "2", OTHER)
        stub.script(f"/v2/acme/app/manifests/{IMAGE.digest}",
                    Reply(200, {"Content-Type": OTHER.media_type}, OTHER.document))
        name = f"{stub.address}/acme/app@{IMAGE.digest}"
        index = import_rows(folder, [{"name": name, "digest": IMAGE.digest}])
        ended = add_missing(index)
        tap.equal((ended.exit, ended.stdout.splitlines()[0]), (3, first_line(0, 1, 1)))
        tap.contains(ended.stderr, f"the bytes served hash to {OTHER.digest}", "message")
        tap.equal(held(index, IMAGE.digest), [(name, "cspm", False)])


# ---- Many ----

def make_small(number):
    """(manifest, config) of one image of many, which share their layer."""
    config = to_json({"architecture": "amd64", "os": "linux", "config": {"Labels": {
        "number": str(number)}}, "rootfs": {"type": "layers", "diff_ids": [DIFF_ID]}})
    manifest = to_json({"schemaVersion": 2, "mediaType": OCI_MANIFEST,
                        "config": describe(config, OCI_CONFIG),
                        "layers": [describe(LAYER, OCI_LAYER + "+gzip")]})
    return manifest, config


class Storage:
    """Puts images where docker-registry keeps them: thousands would take minutes by its API."""

    def __init__(self, registry):
        self.root = registry.directory / "storage/docker/registry/v2"

    def write(self, path, data):
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def blob(self, repository, blob, link="_layers"):
        digest = digest_of(blob)
        _, _, name = digest.partition(":")
        self.write(f"blobs/sha256/{name[:2]}/{name}/data", blob)
        self.write(f"repositories/{repository}/{link}/sha256/{name}/link", digest.encode())
        return digest

    def image(self, repository, tag, manifest, config):
        self.blob(repository, config)
        digest = self.blob(repository, manifest, "_manifests/revisions")
        tags = f"repositories/{repository}/_manifests/tags/{tag}"
        self.write(f"{tags}/current/link", digest.encode())
        self.write(f"{tags}/index/{digest.replace(':', '/')}/link", digest.encode())


def count_complete(index, digests):
    """Of how many of the images the layers are known."""
    records = run_layerproof("--index", index, "index", "list", "--json").records
    return sum(1 for image in records if image["source"] == "add"), len(digests)


def test_many_through_a_real_registry():
    count = int(os.environ.get("LAYERPROOF_TEST_IMAGES", "1000"))
    with tempfile.TemporaryDirectory() as folder, Registry() as registry:
        storage, rows = Storage(registry), []
        for number in range(count):
            repository = f"acme/app-{number % 20}"
            if number < 20:
                storage.blob(repository, LAYER)
            manifest, config = make_small(number)
            storage.image(repository, f"v{number}", manifest, config)
            digest = digest_of(config if number % 10 == 0 else manifest)
            rows.append({"name": f"{registry.address}/{repository}:v{number}", "digest": digest})
        index = import_rows(folder, rows)
        begun = time.monotonic()
        ended = add_missing(index)
        print(f"# {count} images in {time.monotonic() - begun:.1f} s")
        tap.equal((ended.exit, ended.stderr), (0, ""))
        tap.equal(ended.stdout.splitlines()[0], first_line(count, count, 0))
        tap.equal(add_missing(index).stdout.splitlines()[0], first_line(0, 0, 0))


def test_killed_half_way_and_run_again():
    count = 800
    with tempfile.TemporaryDirectory() as folder, StubRegistry() as stub:
        rows = []
        for number in range(count):
            manifest, config = make_small(number)
            stub.put_blob("acme/app", config)
            digest = stub.put_manifest("acme/app", None, manifest)
            rows.append({"name": f"{stub.address}/acme/app@{digest}", "digest": digest})
        index = import_rows(folder, rows)
        with Running("--index", index, "add", "--missing") as run:
            run.wait_for(lambda: len(manifests(stub)) >= 700, "most is asked for")
            run.signal(signal.SIGKILL)
            run.process.wait()
        complete, _ = count_complete(index, rows)
        tap.equal(500 <= complete < count, True, f"{complete} of {count} are there")
        stub.requests.clear()
        ended = add_missing(index)
        tap.equal((ended.exit, ended.stderr), (0, ""))
        left = count - complete
        tap.equal(ended.stdout.splitlines()[0], first_line(left, left, 0))
        tap.equal((len(manifests(stub)), len(set(manifests(stub)))), (left, left))
        tap.equal(count_complete(index, rows)[0], count)


tap.main(globals())
