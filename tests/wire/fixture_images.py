"""The images of fixtures/, the registry that holds them, and the index of what acme exports."""

import json
import subprocess
from dataclasses import dataclass

import ledger
from harness import Registry, run_layerproof
from program import FIXTURES


@dataclass
class Candidate:
    """A row of fixtures/candidates.tsv."""

    tag: str  # in images/public
    name: str  # repository:tag
    verdict: str  # at depth decisive
    at_manifest: list  # the reasons that are right
    at_decisive: list


def read_table(name):
    lines = (FIXTURES / name).read_text().splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def candidates():
    return [Candidate(tag, name, verdict, at_manifest.split(), at_decisive.split())
            for tag, name, verdict, at_manifest, at_decisive, _ in read_table("candidates.tsv")]


def internal_names():
    """{tag in images/internal: repository:tag in the registry of the tests}."""
    return {tag: name.removeprefix("registry.acme.example/")
            for tag, name in read_table("internal.tsv")}


def public_names():
    return {candidate.tag: candidate.name for candidate in candidates()}


class FilledRegistry(Registry):
    """A docker-registry with the images of fixtures/ in it: `sets` of "public" and "internal"."""

    def __init__(self, *sets):
        super().__init__()
        self.sets = sets

    def __enter__(self):
        super().__enter__()
        try:
            subprocess.run([FIXTURES / "registry-push", self.address, *self.sets], check=True,
                           timeout=240, stdin=subprocess.DEVNULL)
        except BaseException:
            self.__exit__()
            raise
        return self


def layout_descriptors(kind):
    """{tag: descriptor} of the layout images/public or images/internal."""
    index = json.loads((FIXTURES / "images" / kind / "index.json").read_bytes())
    return {descriptor["annotations"]["org.opencontainers.image.ref.name"]: descriptor
            for descriptor in index["manifests"]}


def layout_blob(kind, digest):
    return (FIXTURES / "images" / kind / "blobs/sha256" / digest.removeprefix("sha256:")).read_bytes()


def import_fixtures(index, export="images.csv"):
    """Makes an index of what acme's CSPM exports."""
    ended = run_layerproof("--index", index, "import", FIXTURES / "exports" / export)
    assert ended.exit == 0, ended.stderr
    ledger.add_internal(exported_digests())
    return index


def exported_digests():
    """Every digest that the export holds."""
    rows = map(json.loads, (FIXTURES / "exports/images.ndjson").read_text().splitlines())
    found = set()
    for row in rows:
        found.update(filter(None, (row.get("digest"), row.get("config"))))
        found.update(row.get("layers") or [], row.get("diff_ids") or [])
    return found
