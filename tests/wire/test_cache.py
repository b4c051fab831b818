#!/usr/bin/python3
"""What is kept from one run to the next: fewer requests, the same findings, and never an error."""

import contextlib
import hashlib
import json
import os
import re
import signal
import stat
import subprocess
import tempfile
from pathlib import Path

from exports import import_images
from harness import (Registry, Reply, StubRegistry, build_image, build_index, digest_of,
                     error_reply, program_path, push_image, run_layerproof, write_layout)
from images import OCI_CONFIG, OCI_MANIFEST, describe, pack_tar, to_json
from running import Running

import tap

BASE = {"etc/os-release": b"ID=test\n"}
OURS = build_image([BASE, {"app/main": b"ours alone\n" * 50}])
STRANGER = build_image([{"theirs.txt": b"nothing of ours\n" * 20}])
CONFIG, TOP = digest_of(OURS.config), OURS.layers[1]
THEIR_CONFIG = digest_of(STRANGER.config)
NO_MATCH, LAYER = ("needs_review", "no_match"), ("true_positive", "layer")
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")


class Place:
    """A stub registry and a directory for a cache."""

    def __init__(self, stub, folder):
        self.stub, self.cache = stub, folder / "cache"
        self.index = import_images(folder, {"registry.acme.example/ours/app:1": OURS})
        self.environment = {"LAYERPROOF_CACHE": str(self.cache)}

    def check(self, *names, arguments=(), exit_code=0, stderr=""):
        """The findings of one run, and what it asked for."""
        del self.stub.requests[:]
        ended = run_layerproof("--index", self.index, "check", "--ordered", "-j", "1", *arguments,
                               *(f"{self.stub.address}/{name}" for name in names),
                               environment=self.environment)
        tap.equal((ended.exit, ended.stderr), (exit_code, stderr))
        return ended.findings, [asked(request) for request in self.stub.requests]

    def files(self):
        return sorted(self.cache.rglob("data.mdb"))


def asked(request):
    """"GET a/b/manifests/1", with the ETag where one is sent."""
    etag = request.header("If-None-Match")
    return f"{request.method} {request.path.removeprefix('/v2/')}" + (f" {etag}" if etag else "")


@contextlib.contextmanager
def place():
    with StubRegistry() as stub, tempfile.TemporaryDirectory() as folder:
        yield Place(stub, Path(folder))


def verdicts(findings):
    return [(finding["verdict"], finding["reason"]) for finding in findings]


def put_with_etag(stub, repository, tag, image, etag='"x"'):
    stub.put_image(repository, tag, image)

    def answer(request):
        told = {"ETag": etag, "Content-Type": image.media_type}
        if request.header("If-None-Match") == etag:
            return Reply(304, told, length=-1)
        return Reply(200, told, image.document)
    stub.script(f"/v2/{repository}/manifests/{tag}", answer)


def test_two_requests_for_a_new_image_and_one_for_one_met_before():
    with place() as at:
        put_with_etag(at.stub, "a/b", "1", STRANGER)
        cold, first = at.check("a/b:1")
        warm, second = at.check("a/b:1")
        other, third = at.check("a/b:1", arguments=["--reproducible"])
    tap.equal(first, ["GET a/b/manifests/1", f"GET a/b/blobs/{THEIR_CONFIG}"])
    tap.equal(second, ['GET a/b/manifests/1 "x"'])
    tap.equal(third, second)
    tap.equal([findings[0]["cost"]["requests"] for findings in (cold, warm)], [2, 1])
    tap.equal([findings[0]["flags"] for findings in (cold, warm, other)], [[], ["not_resent"], []])
    for findings in (cold, warm):
        for name in ("flags", "cost", "checked_at", "index"):
            del findings[0][name]
    tap.equal(cold, warm)


def test_reproducible_findings_are_the_same_cold_and_warm():
    with place() as at:
        put_with_etag(at.stub, "a/b", "1", OURS)
        runs = [at.check("a/b:1", arguments=["--reproducible", "--depth", "full"])[0]
                for _ in range(3)]
    tap.equal(verdicts(runs[0]), [LAYER])
    tap.equal(runs[1:], runs[:1] * 2)


def test_without_an_etag_the_manifest_alone_is_sent_again():
    with place() as at:
        at.stub.put_image("a/b", "1", STRANGER)
        at.check("a/b:1")
        findings, sent = at.check("a/b:1")
    tap.equal((verdicts(findings), sent, findings[0]["flags"]),
              ([NO_MATCH], ["GET a/b/manifests/1"], []))


def test_a_digest_met_before_is_asked_about_by_head():
    index = build_index({"linux/amd64": STRANGER, "linux/arm64": OURS})
    with place() as at:
        at.stub.put_image("a/b", "1", index)
        at.check(f"a/b@{index.digest}", arguments=["--depth", "manifest"])
        findings, sent = at.check(f"a/b@{index.digest}", arguments=["--depth", "manifest"])
    tap.equal(verdicts(findings), [("true_positive", "manifest")])
    tap.equal(sent, [f"HEAD a/b/manifests/{index.digest}", f"HEAD a/b/manifests/{OURS.digest}",
                     f"HEAD a/b/blobs/{CONFIG}"], "and what the verdict rests on")


def test_proof_from_an_earlier_run_is_confirmed_and_keeps_its_time():
    with place() as at:
        put_with_etag(at.stub, "a/b", "1", OURS)
        cold, _ = at.check("a/b:1", arguments=["--depth", "full"])
        warm, sent = at.check("a/b:1", arguments=["--depth", "full"])
    tap.equal(verdicts(cold + warm), [LAYER] * 2)
    tap.equal(sent, ['GET a/b/manifests/1 "x"', f"HEAD a/b/blobs/{TOP}", f"HEAD a/b/blobs/{CONFIG}",
                     f"HEAD a/b/blobs/{OURS.layers[0]}"])
    tap.equal(warm[0]["coverage"]["bytes"]["fetched"], 0)
    tap.equal([layer.get("hashed_at") for layer in cold[0]["images"][0]["layers"]], [None] * 2)
    for layer in warm[0]["images"][0]["layers"]:
        assert TIME.match(layer["hashed_at"]), layer
        assert cold[0]["checked_at"][:10] == layer["hashed_at"][:10], layer
    tap.equal([layer["level"] for layer in warm[0]["images"][0]["layers"]], ["hashed"] * 2)


def test_no_proof_where_a_blob_of_an_earlier_run_has_gone():
    with place() as at:
        put_with_etag(at.stub, "a/b", "1", OURS)
        at.check("a/b:1")
        del at.stub.blobs["a/b", TOP]
        findings, sent = at.check("a/b:1")
        del at.stub.blobs["a/b", CONFIG]
        nothing, _ = at.check("a/b:1", arguments=["--depth", "manifest"])
    tap.equal(verdicts(findings), [("true_positive", "manifest")])
    tap.equal([(error["code"], error["where"]) for error in findings[0]["errors"]],
              [("not_found", f"layer {TOP}")])
    tap.equal(sent, ['GET a/b/manifests/1 "x"', f"HEAD a/b/blobs/{TOP}", f"GET a/b/blobs/{TOP}",
                     "GET a/b/manifests/1", f"GET a/b/blobs/{CONFIG}", f"GET a/b/blobs/{TOP}",
                     f"GET a/b/blobs/{OURS.layers[0]}"])
    tap.equal(verdicts(nothing), [("true_positive", "manifest")], "the manifest is served")
    tap.equal([(error["code"], error["where"]) for error in nothing[0]["errors"]],
              [("not_found", f"config {CONFIG}")])


def test_no_layer_is_fetched_twice_in_two_runs_whatever_its_repository():
    with place() as at:
        for repository in ("a/b", "c/d"):
            at.stub.put_image(repository, "1", STRANGER)
        at.check("a/b:1", arguments=["--depth", "full"])
        findings, sent = at.check("c/d:1", arguments=["--depth", "full"])
        again, _ = at.check("c/d:1", "a/b:1", arguments=["--depth", "full"])
        for repository in ("a/b", "c/d"):
            del at.stub.blobs[repository, STRANGER.layers[0]]
        gone, _ = at.check("c/d:1", "a/b:1", arguments=["--depth", "full"])
    tap.equal((verdicts(findings), sent),
              ([NO_MATCH], ["GET c/d/manifests/1", f"HEAD c/d/blobs/{STRANGER.layers[0]}"]))
    tap.equal(verdicts(again + gone), [NO_MATCH] * 2 + [("needs_review", "partial")] * 2)


def test_diff_ids_of_another_algorithm_are_computed_anew():
    image = build_image([{"a.txt": b"one\n" * 9}])
    tar = pack_tar({"a.txt": b"one\n" * 9})
    config = to_json({"architecture": "amd64", "os": "linux", "rootfs": {
        "type": "layers", "diff_ids": ["sha512:" + hashlib.sha512(tar).hexdigest()]}})
    with place() as at:
        at.stub.put_image("a/b", "1", image)
        at.stub.put_blob("a/b", config)
        at.stub.put_manifest("a/b", "2", to_json(
            {**image.parsed, "config": describe(config, OCI_CONFIG)}), OCI_MANIFEST)
        runs = [at.check(f"a/b:{tag}", arguments=["--depth", "full"]) for tag in "1212"]
    tap.equal([verdicts(findings)[0] for findings, _ in runs], [NO_MATCH] * 4)
    tap.equal([f"GET a/b/blobs/{image.layers[0]}" in sent for _, sent in runs],
              [True, True, False, False])


def test_no_cache_neither_uses_nor_keeps():
    with place() as at:
        put_with_etag(at.stub, "a/b", "1", STRANGER)
        plain = ["GET a/b/manifests/1", f"GET a/b/blobs/{THEIR_CONFIG}"]
        tap.equal(at.check("a/b:1", arguments=["--no-cache"])[1], plain)
        tap.equal(at.cache.exists(), False)
        at.check("a/b:1")
        tap.equal(at.check("a/b:1", arguments=["--no-cache"])[1], plain)


def test_places_by_variable_and_configuration():
    with place() as at:
        put_with_etag(at.stub, "a/b", "1", STRANGER)
        home = at.cache.parent
        for name, environment, settings in (
                ("variable", {"LAYERPROOF_CACHE": f"{home}/variable"},
                 f"[cache]\ndirectory = {home}/not\n"),
                ("file", {}, f"[cache]\ndirectory = {home}/file\n"),
                ("xdg/layerproof", {"XDG_CACHE_HOME": f"{home}/xdg"}, ""),
                ("home/.cache/layerproof", {"HOME": f"{home}/home"}, "")):
            (home / "conf").write_text(settings)
            at.environment = {**environment, "LAYERPROOF_CONFIG": str(home / "conf")}
            for count in (2, 1):
                tap.equal(len(at.check("a/b:1")[1]), count, name)
            tap.equal((home / name / "v1/1/data.mdb").exists(), True, name)
        tap.equal((home / "not").exists(), False)
        (home / "conf").write_text(f"[cache]\ndirectory = {home}/none\nsize = 0\n")
        tap.equal(len(at.check("a/b:1")[1]), 2)
        tap.equal((home / "none").exists(), False)


def test_sizes_that_make_no_sense():
    with tempfile.TemporaryDirectory() as folder:
        index = import_images(folder)
        for value in ("-1", "x", "1048577", "1k"):
            config = Path(folder) / "conf"
            config.write_text(f"[cache]\nsize = {value}\n")
            ended = run_layerproof("--index", index, "--config", config, "check", "x")
            tap.equal((ended.exit, ended.stdout), (2, ""))
            tap.contains(ended.stderr, "configuration: [cache] size is a whole number from 0 to "
                         f"1048576, not \"{value}\"")


def test_for_its_owner_alone():
    with place() as at:
        at.stub.put_image("a/b", "1", STRANGER)
        at.check("a/b:1")
        modes = {path.relative_to(at.cache): stat.S_IMODE(path.stat().st_mode)
                 for path in (at.cache, *at.cache.rglob("*"))}
    tap.equal({str(path): oct(mode) for path, mode in modes.items()},
              {".": "0o700", "v1": "0o700", "v1/1": "0o700", "v1/1/data.mdb": "0o600",
               "v1/1/lock.mdb": "0o600", "v1/1/stamp": "0o600", "v1/users": "0o600"})


def holds(files, digest):
    raw = bytes.fromhex(digest.removeprefix("sha256:"))
    return any(raw in path.read_bytes() or digest.encode() in path.read_bytes() for path in files)


def test_nothing_of_the_index_is_in_it():
    with place() as at:
        at.stub.put_image("a/b", "1", STRANGER)
        at.check("a/b:1", arguments=["--depth", "full"])
        files = at.files()
        tap.equal(holds(files, THEIR_CONFIG), True, "what the registry said")
        for digest in (OURS.digest, CONFIG, *OURS.layers, *OURS.diff_ids):
            tap.equal(holds(files, digest), False, digest)


def test_local_images_do_not_use_it():
    with place() as at:
        write_layout(at.cache.parent / "layout", {"1": STRANGER})
        ended = run_layerproof("--index", at.index, "check", "--depth", "full",
                               f"oci:{at.cache.parent}/layout:1", environment=at.environment)
        tap.equal(verdicts(ended.findings), [NO_MATCH])
        tap.equal(holds(at.files(), THEIR_CONFIG) or holds(at.files(), STRANGER.layers[0]), False)


# ---- Damage ----

def damaged(damage, *, requests, note=None):
    """A cache that was damaged between two runs: the second one's requests, and then it is whole
    again."""
    with place() as at:
        put_with_etag(at.stub, "a/b", "1", STRANGER)
        at.check("a/b:1")
        damage(at.files()[0])
        findings, sent = at.check("a/b:1")
        tap.equal((verdicts(findings), sent), ([NO_MATCH], requests))
        findings, sent = at.check("a/b:1")
        tap.equal((verdicts(findings), sent), ([NO_MATCH], ['GET a/b/manifests/1 "x"']))
        if note:
            at.cache.rename(at.cache.parent / "old")
            at.check("a/b:1")
            damage(at.files()[0])
            ended = run_layerproof("--index", at.index, "-v", "check", f"{at.stub.address}/a/b:1",
                                   environment=at.environment)
            tap.contains(ended.stderr, note)


ANEW = ["GET a/b/manifests/1", f"GET a/b/blobs/{THEIR_CONFIG}"]


def altering(what, other):
    """Alters bytes in a way that only a look at them can show."""
    def damage(path):
        status, data = path.stat(), path.read_bytes()
        assert data.count(what) >= 1
        path.write_bytes(data.replace(what, other))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    return damage


def test_other_bytes_of_a_document_are_dropped():
    other = STRANGER.config.replace(b"linux", b"plan9")
    damaged(altering(STRANGER.config, other),
            requests=['GET a/b/manifests/1 "x"', f"GET a/b/blobs/{THEIR_CONFIG}"],
            note="cache: a document with other bytes than its digest says is dropped")


def test_other_bytes_of_the_top_document_are_dropped():
    other = STRANGER.document.replace(b"schemaVersion", b"schemaVers10n")
    damaged(altering(STRANGER.document, other), requests=["GET a/b/manifests/1"])


def test_a_record_that_was_altered_is_dropped():
    damaged(altering(b'"x"', b'"y"'), requests=["GET a/b/manifests/1"],
            note="cache: a damaged record is dropped")


def test_a_file_that_is_none_of_ours():
    def garbage(path):
        path.write_bytes(b"garbage" * 9999)
    damaged(garbage, requests=ANEW, note="begun anew")


def test_a_file_that_was_cut_short():
    def cut(path):
        with open(path, "r+b") as file:
            file.truncate(path.stat().st_size // 2)
    damaged(cut, requests=ANEW, note="begun anew")


def test_any_page_of_other_bytes():
    """LMDB trusts its pages; a file that was altered is not given to it."""
    with place() as at:
        for number in range(20):
            put_with_etag(at.stub, "a/b", f"{number}", build_image([{"n": b"%d" % number}]))
        names = [f"a/b:{number}" for number in range(20)]
        at.check(*names)
        for page in range(at.files()[0].stat().st_size // 4096):
            with open(at.files()[-1], "r+b") as file:
                file.seek(page * 4096)
                file.write(bytes([page + 1]) * 16)
            findings, sent = at.check(*names)
            tap.equal((verdicts(findings), len(sent)), ([NO_MATCH] * 20, 40), f"page {page}")


def test_a_cache_without_its_stamp():
    damaged(lambda path: (path.parent / "stamp").unlink(), requests=ANEW, note="begun anew")


def test_an_empty_file():
    damaged(lambda path: path.write_bytes(b""), requests=ANEW)


def test_a_file_of_zeros():
    damaged(lambda path: path.write_bytes(bytes(path.stat().st_size)), requests=ANEW,
            note="begun anew")


def test_a_fifo_in_its_place():
    def replace(path):
        path.unlink()
        os.mkfifo(path)
    damaged(replace, requests=ANEW, note="begun anew")


def test_without_its_lock_file():
    damaged(lambda path: (path.parent / "lock.mdb").unlink(), requests=['GET a/b/manifests/1 "x"'])


def test_a_directory_that_cannot_be_made_is_one_warning():
    with place() as at:
        at.stub.put_image("a/b", "1", STRANGER)
        at.cache.write_text("a file")
        for _ in range(2):
            findings, sent = at.check(
                "a/b:1", "a/b:1", stderr=f"layerproof: warning: cache {at.cache}: cannot make the "
                "directory: Not a directory; done without\n")
            tap.equal((verdicts(findings), sent[:2]), ([NO_MATCH] * 2, ANEW))


def test_a_directory_that_can_only_be_read_is_used():
    if os.geteuid() != 0:
        raise tap.Skip("needs another user to be")
    with place() as at:
        put_with_etag(at.stub, "a/b", "1", STRANGER)
        put_with_etag(at.stub, "c/d", "1", OURS)
        at.check("a/b:1")
        for path in (at.cache.parent, *at.cache.parent.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        for path in at.cache.parent.parents:  # the way there, as far as it is the tests' own
            if path.stat().st_mode & 0o005 == 0:
                path.chmod(0o711)
        for count in (1, 1):
            ended = subprocess.run(
                ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program_path(),
                 "--index", at.index, "check", f"{at.stub.address}/a/b:1"], check=False,
                capture_output=True, timeout=60,
                env={**at.environment, "HOME": "/nonexistent", "PATH": "/usr/bin:/bin"})
            tap.equal((ended.returncode, ended.stderr), (0, b""))
            tap.equal(json.loads(ended.stdout)["cost"]["requests"], count)


# ---- Size ----

def bytes_of(at):
    return sum(path.stat().st_size for path in at.cache.rglob("*") if path.is_file())


def test_the_oldest_goes_when_it_is_full():
    """20 images with configurations of 100 KiB in a cache of 1 MiB."""
    images = {f"{number}": build_image([{"n": b"%d" % number}],
                                       config={"filler": f"{number}" * 50_000})
              for number in range(10, 30)}
    with place() as at:
        config = at.cache.parent / "conf"
        config.write_text("[cache]\nsize = 1\n")
        at.environment["LAYERPROOF_CONFIG"] = str(config)
        for tag, image in images.items():
            put_with_etag(at.stub, "a/b", tag, image, etag=f'"{tag}"')
            at.check(f"a/b:{tag}")
            held = sum(path.stat().st_size for path in at.files())
            assert held <= 1 << 20, held
        sent = {tag: at.check(f"a/b:{tag}", arguments=["--depth", "manifest"])[1]
                for tag in ("10", "29")}
        generations = sorted(int(path.parent.name) for path in at.files())
    tap.equal(sent, {"10": ["GET a/b/manifests/10",
                            f"GET a/b/blobs/{digest_of(images['10'].config)}"],
                     "29": ['GET a/b/manifests/29 "29"']})
    assert len(generations) == 2 and generations[0] > 2, generations


def test_what_is_used_does_not_go():
    images = [build_image([{"n": b"%d" % number}], config={"filler": f"{number}" * 50_000})
              for number in range(10, 30)]
    with place() as at:
        config = at.cache.parent / "conf"
        config.write_text("[cache]\nsize = 1\n")
        at.environment["LAYERPROOF_CONFIG"] = str(config)
        put_with_etag(at.stub, "a/b", "kept", STRANGER)
        at.check("a/b:kept")
        for number, image in enumerate(images):
            put_with_etag(at.stub, "a/b", f"{number}", image)
            at.check(f"a/b:{number}")
            tap.equal(at.check("a/b:kept")[1], ['GET a/b/manifests/kept "x"'], f"after {number}")


# ---- Several at once ----

def test_several_runs_at_once():
    names = [f"r{number}/app" for number in range(40)]
    with place() as at:
        for number, name in enumerate(names):
            put_with_etag(at.stub, name, "1", build_image([{"n": b"%d" % number}]))
        lines = "".join(f"{at.stub.address}/{name}:1\n" for name in names).encode()
        command = [program_path(), "--index", at.index, "check", "--ordered", "--reproducible"]
        environment = {**os.environ, **at.environment, "HOME": str(at.cache.parent)}
        for _ in range(2):
            runs = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE, env=environment) for _ in range(4)]
            for run in runs:
                run.stdin.write(lines)
                run.stdin.close()
            outputs = [(run.stdout.read(), run.stderr.read(), run.wait(60)) for run in runs]
            for run in runs:
                run.stdout.close()
                run.stderr.close()
            tap.equal({(errors, code) for _, errors, code in outputs}, {(b"", 0)})
            tap.equal(len({output for output, _, _ in outputs}), 1, "the same findings")
        _, sent = at.check(*(f"{name}:1" for name in names))
    tap.equal(sent, [f'GET {name}/manifests/1 "x"' for name in names])


def test_a_run_that_was_killed_leaves_it_whole():
    names = [f"r{number}/app" for number in range(30)]
    with place() as at:
        for number, name in enumerate(names):
            put_with_etag(at.stub, name, "1", build_image([{"n": b"%d" % number}]))
        for killed_at in (5, 20):
            with Running("--index", at.index, "check", environment=at.environment) as run:
                run.send("".join(f"{at.stub.address}/{name}:1\n" for name in names))
                run.wait_for_lines(killed_at)
                run.signal(signal.SIGKILL)
                run.process.wait(20)
        findings, sent = at.check(*(f"{name}:1" for name in names))
        tap.equal((verdicts(findings), {request.split()[0] for request in sent}),
                  ([NO_MATCH] * 30, {"GET"}))
        tap.equal(len(at.check(*(f"{name}:1" for name in names))[1]), 30)


# ---- A real registry ----

def test_docker_registry_cold_and_warm():
    with Registry() as registry, tempfile.TemporaryDirectory() as folder:
        index = import_images(folder, {"registry.acme.example/ours/app:1": OURS})
        push_image(STRANGER, registry, "a/b:1")
        push_image(OURS, registry, "c/d:1")
        runs = []
        for _ in range(3):
            before = len(registry.log_text())
            ended = run_layerproof(
                "--index", index, "check", "--ordered", "-j", "1", f"{registry.address}/a/b:1",
                f"{registry.address}/a/b@{STRANGER.digest}", f"{registry.address}/c/d:1",
                environment={"LAYERPROOF_CACHE": f"{folder}/cache"})
            tap.equal((ended.exit, ended.stderr), (0, ""))
            runs.append(ended.findings)
            log = registry.log_text()[before:]
    for findings in runs:
        tap.equal(verdicts(findings), [NO_MATCH, NO_MATCH, LAYER])
    tap.equal([[finding["cost"]["requests"] for finding in findings] for findings in runs],
              [[2, 1, 3], [1, 1, 3], [1, 1, 3]])
    tap.equal([["not_resent" in finding["flags"] for finding in findings] for findings in runs],
              [[False, True, False], [True] * 3, [True] * 3])
    answers = re.findall(r'"(GET|HEAD) (/v2/\S+) HTTP/1.1" (\d+)', log)
    tap.equal([(method, status) for method, _, status in answers if "manifests" in _],
              [("GET", "304"), ("HEAD", "200"), ("GET", "304")])


def test_docker_registry_whose_storage_was_altered():
    """Asked by tag it sends the altered bytes under the old header, or 304 to who has the old ones:
    who does not hold them sees the forgery, who holds them is told that nothing changed, and says
    that it was told so."""
    with Registry() as registry, tempfile.TemporaryDirectory() as folder:
        index = import_images(folder, {"registry.acme.example/ours/app:1": OURS})
        push_image(STRANGER, registry, "a/b:1")

        def check(*arguments):
            ended = run_layerproof("--index", index, "check", *arguments,
                                   f"{registry.address}/a/b:1",
                                   environment={"LAYERPROOF_CACHE": f"{folder}/cache"})
            return ended.findings[0]
        check()
        hexadecimal = STRANGER.digest.removeprefix("sha256:")
        stored = next(registry.directory.rglob(f"{hexadecimal}/data"))
        altered = STRANGER.document.replace(b'"schemaVersion":2', b'"schemaVersion":2 ')
        stored.write_bytes(altered)
        held, sent = check(), check("--no-cache")
    tap.equal((held["digest"], held["flags"]), (STRANGER.digest, ["not_resent"]))
    tap.equal((sent["digest"], sent["flags"]), (digest_of(altered), ["digest_header_differs"]))


def test_a_registry_that_asks_for_a_login_is_asked_each_time():
    with place() as at:
        put_with_etag(at.stub, "a/b", "1", STRANGER)
        at.check("a/b:1")
        at.stub.script("/v2/a/b/manifests/1", error_reply(403, "DENIED", "no more"))
        findings, sent = at.check("a/b:1", exit_code=3)
    tap.equal((verdicts(findings), sent),
              ([("needs_review", "denied")], ['GET a/b/manifests/1 "x"']))


tap.main(globals())
