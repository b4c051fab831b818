"""What the tests of facts share: an image of ours, a stranger's, and how `check` and `inspect` are
asked about what a stub serves in one repository."""

import contextlib
import tempfile
from pathlib import Path

from exports import import_images
from harness import Result, build_image, run_layerproof

import tap

BASE = {"etc/os-release": b"ID=test\n"}
OURS = build_image([BASE, {"app/main": b"ours alone\n" * 50}])
STRANGER = build_image([{"theirs.txt": b"nothing of ours\n" * 20}])
REPOSITORY = "stranger/app"

# (exit code, verdict, reason, priority)
PROVED = (0, "true_positive", "layer", "high")
TAMPERED = (0, "needs_review", "tampered", "high")
NO_MATCH = (0, "needs_review", "no_match", "low")
PARTIAL = (0, "needs_review", "partial", "medium")
MALFORMED = (3, "needs_review", "malformed", "medium")
UNREACHABLE = (3, "needs_review", "unreachable", "medium")
NOT_FOUND = (0, "needs_review", "not_found", "low")


def name_in(stub, name, repository=REPOSITORY):
    """The reference of "tag" or "@digest" of the repository."""
    return f"{stub.address}/{repository}{name if name[0] == '@' else ':' + name}"


@contextlib.contextmanager
def index_of_ours(images=None):
    with tempfile.TemporaryDirectory() as folder:
        yield import_images(folder, images or {"registry.acme.example/ours/app:1": OURS})


def configured(folder, config):
    """The arguments that name a configuration file with this text; none without a text."""
    if not config:
        return ()
    path = Path(folder) / "layerproof.conf"
    path.write_text(config)
    return ("--config", path)


def check_references(*references, depth="decisive", config="", arguments=(), images=None,
                     messages="", **how) -> Result:
    """Runs `check` on references; `messages` is what standard error must be, None for anything."""
    with index_of_ours(images) as index, tempfile.TemporaryDirectory() as folder:
        ended = run_layerproof(*configured(folder, config), "--index", index, "check", "--ordered",
                               "--depth", depth, *arguments, *references, **how)
    if messages is not None:
        tap.equal(ended.stderr, messages, "messages")
    tap.equal(len(ended.findings), len(references), "findings")
    return ended


def check(stub, *names, **how):
    return check_references(*[name_in(stub, name) for name in names], **how)


def check_one(stub, name="1", **how):
    """(exit code, finding) of one name."""
    ended = check(stub, name, **how)
    return ended.exit, ended.findings[0]


def inspect(stub, name="1", *arguments, messages=""):
    """(exit code, record) of `inspect --json`; the record is None where there is none."""
    with index_of_ours() as index:
        ended = run_layerproof("--index", index, "inspect", "--json", *arguments,
                               name_in(stub, name))
    if messages is not None:
        tap.equal(ended.stderr, messages, "messages")
    return ended.exit, ended.records[0] if ended.records else None


def verdict(code, finding):
    return code, finding["verdict"], finding["reason"], finding["priority"]


def errors_of(record):
    return [(error["code"], error.get("where"), error["message"])
            for error in record.get("errors", [])]


def manifest_path(name, repository=REPOSITORY):
    return f"/v2/{repository}/manifests/{name}"


def blob_path(digest, repository=REPOSITORY):
    return f"/v2/{repository}/blobs/{digest}"


def asked(stub):
    """Each request as "GET manifests/1": the method, and the path within the repository."""
    return [f"{request.method} {request.target.removeprefix(f'/v2/{REPOSITORY}/')}"
            for request in stub.requests]


def ranges(stub, path):
    """The Range of each request for a path."""
    return [request.header("Range") for request in stub.requests_for(path)]
