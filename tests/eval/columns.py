"""What the index was made of and how deep the check went: each candidate judged in every column."""

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from corpus import build, export_rows
from harness import Registry
from oci import Pusher, facts_of

from program import clean_environment

DEPTHS = ("manifest", "decisive", "full")

# index: what is known of the images of acme; bases: which public images were added; of the exports that
# tell no layer of ours a base can change little.
INDEXES = {
    ("digests", "none"): "an export of names and image digests",
    ("digests", "all"): "",
    ("configs", "none"): "an export of names and image IDs",
    ("configs", "all"): "",
    ("everything", "none"): "layerproof add: manifests, configurations, layers, diff_ids",
    ("everything", "debian"): "",
    ("everything", "all"): "",
    ("content", "none"): "layerproof add --content: the layers themselves, too",
    ("content", "all"): "",
}

ALLOWED_URLS = {"validation": {"manifests": {"urls": {"allow": ["^https://downloads\\.example/"]}}}}


@dataclass
class Held:
    """A layer of a candidate as it is served, whatever is declared of it. `diff_id` is None where the
    bytes cannot be had."""

    digest: str
    size: int
    diff_id: str
    has_content: bool


@dataclass
class Row:
    """A candidate that is served: where, what it is taken for, and what is really in it: the layers of
    each of its images, bottom first."""

    name: str
    kind: str
    reference: str
    images: list
    in_registry: bool = True
    is_damaged: bool = False

    @property
    def layers(self):
        """Each blob once."""
        return list({held.digest: held for image in self.images for held in image}.values())

    def places(self, digests):
        """Which of its layers these are, counted from 1."""
        return [place for place, held in enumerate(self.layers, 1) if held.digest in digests]


@dataclass
class Cell:
    """One answer."""

    verdict: str
    reason: str
    requests: int
    fetched: int  # bytes of layers
    read: frozenset = frozenset()  # digests of the layers whose bytes were asked for
    evidence: frozenset = frozenset()  # the identities that matched
    anchored: bool = False
    next: str = ""

    @property
    def is_accusation(self):
        return self.verdict == "true_positive"


# ---- What is really in a candidate ----

def images_of(candidate):
    """[[Held]] of every image of a candidate."""
    if candidate.archive:
        return [[Held(diff_id, len(tar), diff_id, content) for tar in candidate.tars
                 for diff_id, content in [facts_of(tar)]]]
    documents = [candidate.image.document, *(text for text, _ in candidate.image.manifests.values())]
    rows = [json.loads(document).get("layers", []) for document in documents]
    return [[hold(candidate, row) for row in layers] for layers in rows
            if layers and not layers[0]["mediaType"].startswith("application/vnd.in-toto")]


def hold(candidate, row):
    if row["digest"] in (*candidate.missing, *candidate.damaged):
        return Held(row["digest"], row["size"], None, False)
    return Held(row["digest"], row["size"], *facts_of(candidate.image.blobs[row["digest"]]))


# ---- Serving ----

class Servers:
    """One registry for everything, and one whose storage is damaged on purpose. `folder` is for files."""

    def __init__(self, folder):
        self.folder = folder
        self.whole, self.damaged = Registry(config=ALLOWED_URLS), Registry(config=ALLOWED_URLS)

    def __enter__(self):
        self.whole.__enter__()
        self.damaged.__enter__()
        return self

    def __exit__(self, *reason):
        self.damaged.__exit__(*reason)
        self.whole.__exit__(*reason)

    def publish_corpus(self, corpus):
        """Internal and public images, by their names; returns {name: image or index}."""
        images = {name: build(recipe) for name, recipe in {**corpus.internal, **corpus.public}.items()}
        pusher = Pusher(self.whole)
        for name, image in images.items():
            pusher.push(image, *name.split(":"))
        return images

    def publish(self, place, tag, name, kind, candidate):
        """Serves a candidate; returns its Row."""
        images = images_of(candidate)
        if candidate.archive:
            file = self.folder / f"{place}-{tag}.tar"
            file.write_bytes(candidate.archive)
            return Row(name, kind, f"docker-archive:{file}", images, in_registry=False)
        server = self.damaged if candidate.damaged else self.whole
        repository = f"strangers/candidate-{place}"
        Pusher(server).push(candidate.image, repository, tag)
        storage = server.directory / "storage/docker/registry/v2"
        for digest in candidate.missing:
            link = storage / f"repositories/{repository}/_layers" / digest.replace(":", "/") / "link"
            link.unlink(missing_ok=True)
        for digest in candidate.damaged:
            spoil(storage / "blobs" / digest.replace(":", f"/{digest.split(':')[1][:2]}/") / "data")
        return Row(name, kind, f"{server.address}/{repository}:{tag}", images,
                   is_damaged=bool(candidate.damaged or candidate.missing))


def spoil(path):
    """Changes the last byte of a blob, so that its size stays."""
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))


# ---- Asking layerproof ----

class Bench:
    """Runs of a program with indexes, caches and configurations of their own in `folder`."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def run(self, *arguments, cache=None):
        environment = clean_environment(self.folder, **({"LAYERPROOF_CACHE": cache} if cache else {}))
        ended = subprocess.run([self.program, *map(str, arguments)], capture_output=True, text=True, check=False,
                               env=environment, stdin=subprocess.DEVNULL)
        if ended.returncode not in (0, 3) or (ended.returncode == 3 and "check" not in arguments):
            raise RuntimeError(f"layerproof {' '.join(map(str, arguments))}: {ended.returncode} {ended.stderr}")
        return ended.stdout

    def configuration(self, bases):
        path = self.folder / f"{bases}.conf"
        path.write_text("[names]\npattern = *.acme.example\n[origin]\nreleased = */oss/*\n"
                        + ("bases = complete\n" if bases == "all" else ""))
        return path

    def make_index(self, kind, bases, corpus, images, address):
        """Fills an index; returns the options that lead to it."""
        options = ["--config", self.configuration(bases), "--index",
                   self.folder / f"index-{kind}-{bases}-{corpus.with_history}"]
        internal = [f"{address}/{name}" for name in corpus.internal]
        if kind in ("digests", "configs"):
            export = self.folder / "export.csv"
            export.write_text(self.export(kind, corpus, images))
            self.run(*options, "import", "--source", "cspm", export)
        else:
            self.run(*options, "add", *(["--content"] if kind == "content" else []), *internal)
        public = {"none": {}, "debian": corpus.debian, "all": corpus.public}[bases]
        if public:
            self.run(*options, "add", "--origin", "public", *(f"{address}/{name}" for name in public))
        return options

    @staticmethod
    def export(kind, corpus, images):
        rows = [row for name in corpus.internal
                for row in export_rows(f"registry.acme.example/{name}", images[name])]
        if kind == "digests":
            return "name,digest\n" + "".join(f"{name},{digest}\n" for name, digest, _ in rows)
        return "name,config\n" + "".join(f"{name},{config}\n" for name, _, config in rows if config)

    def check(self, options, depth, row, *more, cache=None):
        """One candidate in a run of its own, so that nothing is known from another."""
        text = self.run(*options, "check", "--depth", depth, "--format", "json", *more, row.reference, cache=cache)
        finding = json.loads(text)
        read = {layer.get("digest", layer.get("diff_id")) for image in finding["images"]
                for layer in image["layers"] if layer["level"] == "hashed" or "computed" in layer
                or layer.get("unread") == "failed"}
        return Cell(finding["verdict"], finding["reason"], finding["cost"]["requests"],
                    finding["coverage"]["bytes"]["fetched"], frozenset(read),
                    frozenset(match["identity"] for match in finding["evidence"]),
                    finding.get("anchored", False), finding.get("next", {}).get("action", ""))

    def check_twice(self, options, row):
        """The second of two runs that share a cache of their own."""
        cache = self.folder / "caches" / row.reference.replace("/", "-")
        self.check(options, "decisive", row, cache=cache)
        return self.check(options, "decisive", row, cache=cache)

    def measure(self, options, rows, depths=DEPTHS):
        """{(name, depth): Cell}, nothing known from an earlier run."""
        wanted = [(row, depth) for row in rows for depth in depths]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            cells = pool.map(lambda asked: self.check(options, asked[1], asked[0], "--no-cache"), wanted)
            return {(row.name, depth): cell for (row, depth), cell in zip(wanted, cells, strict=True)}
