"""A pool of real layers and an index of images made of them, by chance but the same for one seed."""

import gzip
import hashlib
import json
import random
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from images import (DOCKER_LIST, DOCKER_MANIFEST, OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST,
                    digest_of, pack_tar, to_json)
from verdict_model import Internal

DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar"
SUFFIXES = {"gzip-1": "gzip", "gzip-6": "gzip", "gzip-9": "gzip", "zstd": "zstd", "tar": ""}
FORMS = list(SUFFIXES)


@dataclass(frozen=True)
class MediaTypes:
    index: str
    manifest: str
    config: str
    layer: str
    separator: str

    def of_layer(self, form):
        suffix = SUFFIXES[form]
        return self.layer + (self.separator + suffix if suffix else "")


OCI = MediaTypes(OCI_INDEX, OCI_MANIFEST, OCI_CONFIG, OCI_LAYER, "+")
DOCKER = MediaTypes(DOCKER_LIST, DOCKER_MANIFEST, DOCKER_CONFIG, DOCKER_LAYER, ".")


def digest_by(algorithm, data):
    return f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"


@dataclass(eq=False)
class Content:
    """One layer of the pool: a tar, and that compressed in several ways."""

    name: str
    tar: bytes
    has_content: bool
    forms: dict = field(default_factory=dict)  # {"gzip-6": bytes...}

    @property
    def diff_id(self):
        return digest_of(self.tar)


def compress_all(contents):
    """Fills their forms; zstd is run once for all."""
    with tempfile.TemporaryDirectory(prefix="layerproof-zstd-") as folder:
        for number, content in enumerate(contents):
            (Path(folder) / str(number)).write_bytes(content.tar)
        subprocess.run(["zstd", "-q", "-r", folder], check=True, timeout=60)
        for number, content in enumerate(contents):
            content.forms = {f"gzip-{level}": gzip.compress(content.tar, level, mtime=0)
                             for level in (1, 6, 9)}
            content.forms["zstd"] = (Path(folder) / f"{number}.zst").read_bytes()
            content.forms["tar"] = content.tar


class Pool:
    """Layers by whose they are; `names` are short, for messages."""

    COUNTS = {"ours": 40, "public": 12, "third": 10, "unlisted": 10, "foreign": 24, "unknown": 6}

    def __init__(self, seed):
        self.random = random.Random(f"pool {seed}")
        self.kinds = {kind: [self._make(f"{kind}{number}") for number in range(count)]
                      for kind, count in self.COUNTS.items()}
        self.kinds["empty"] = [
            Content("empty-tar", bytes(1024), False), Content("gnu-empty", bytes(10240), False),
            Content("dirs", pack_tar({"a/": b"", "a/b/": b""}), False),
            Content("whiteout", pack_tar({"a/.wh.gone": b""}), False),
            Content("empty-file", pack_tar({"etc/nothing": b""}), False)]
        compress_all([content for kind in self.kinds.values() for content in kind])

    def _make(self, name):
        chance = self.random
        files = {f"{name}/{number}": chance.randbytes(chance.randint(20, 700)).hex().encode()
                 for number in range(chance.randint(1, 3))}
        return Content(name, pack_tar(files), True)

    def __getitem__(self, kind):
        return self.kinds[kind]


@dataclass
class Place:
    """One layer of a stack: what, and how it is compressed."""

    content: Content
    form: str

    @property
    def blob(self):
        return self.content.forms[self.form]


@dataclass
class Built:
    """An internal image whole, and what the export tells of it."""

    internal: Internal
    platform: str
    places: list
    manifest: bytes
    config: bytes
    tells: str
    index: bytes = b""  # of the index over it


def serial(text):
    """A number that begins with 0, so that whoever wants to can alter it."""
    return {"serial": "0" + hashlib.sha256(text.encode()).hexdigest()[:12]}


def build_config(diff_ids, platform, author):
    system, architecture = platform.split("/")
    return to_json({"architecture": architecture, "os": system, "author": author,
                    "config": {"Labels": serial(author)},
                    "rootfs": {"type": "layers", "diff_ids": diff_ids}})


def build_manifest(types, config, layers, algorithm="sha256"):
    return to_json({"schemaVersion": 2, "mediaType": types.manifest,
                    "config": {"mediaType": types.config, "digest": digest_by(algorithm, config),
                               "size": len(config)}, "layers": layers,
                    "annotations": serial(str(len(layers)))})


def describe_place(types, place):
    return {"mediaType": types.of_layer(place.form), "digest": digest_of(place.blob),
            "size": len(place.blob)}


TELLS = ["image", "config", "layers", "diff_ids", "stacks", "everything", "everything"]


class World:
    """Images of ours on several bases, and those of others, as one export lists them."""

    def __init__(self, pool, seed):
        self.pool, self.random = pool, random.Random(f"world {seed}")
        self.images = []
        self._make_bases()
        for number in range(12):
            self._make_repository(number)
        self._make_platforms()
        for number in range(4):
            self._add(f"registry.acme.example/archive/lost{number}:1", "unknown",
                      self._forms(self._base() + self._some("unknown", 1, 2)))

    # ---- Making ----

    def _some(self, kind, least, most):
        return self.random.sample(self.pool[kind], self.random.randint(least, most))

    def _forms(self, contents):
        """Mostly as one builder writes them."""
        usual = self.random.choice(["gzip-6", "gzip-6", "gzip-9", "zstd"])
        return [Place(content, usual if self.random.random() < 0.9 else self.random.choice(FORMS))
                for content in contents]

    def _make_bases(self):
        chance, pool = self.random, self.pool
        system = pool["public"][0]
        public = [[system], [system, *pool["public"][1:3]], [system, pool["public"][3]],
                  [pool["public"][4]], [pool["public"][4], *pool["public"][5:7]]]
        third = [pool["third"][0:2], [system, *pool["third"][2:4]], [pool["third"][4]]]
        unlisted = [pool["unlisted"][0:2], [system, *pool["unlisted"][2:4]], pool["unlisted"][4:5]]
        for number, stack in enumerate(public):
            if chance.random() < 0.8:
                self._add(f"registry.acme.example/seen/base{number}:1", "public",
                          self._forms(stack))
        for number, stack in enumerate(third):
            self._add(f"quay.io/vendor/tool{number}:1", "third_party", self._forms(stack))
        self.bases = [*public, *third, *unlisted, []]
        self.base_forms = {}

    def _base(self):
        return list(self.random.choice(self.bases))

    def _based(self, contents, base):
        """The places of a base are the same wherever it is used."""
        key = tuple(content.name for content in base)
        known = [image.places for image in self.images
                 if [place.content for place in image.places] == base]
        if key not in self.base_forms:
            self.base_forms[key] = known[0] if known and self.random.random() < 0.8 \
                else self._forms(base)
        return [*self.base_forms[key], *self._forms(contents)]

    def _with_empties(self, contents):
        for _ in range(self.random.choice([0, 0, 0, 1, 2])):
            contents.insert(self.random.randint(0, len(contents)),
                            self.random.choice(self.pool["empty"]))
        return contents

    def _make_repository(self, number):
        """A few tags of one program; some stand on a library that others stand on too."""
        chance = self.random
        base = self._base()
        library = self.pool["ours"][number % 3:number % 3 + 1] if chance.random() < 0.4 else []
        for tag in range(chance.randint(1, 3)):
            own = self._some("ours", 0 if library else 1, 3)
            stack = self._based(self._with_empties([*library, *own]), base)
            self._add(f"registry.acme.example/team{number % 4}/app{number}:{tag}", "ours", stack)
        if chance.random() < 0.15 and base:
            self._add(f"registry.acme.example/golden/base{number}:1", "ours",
                      self._based([], base))

    def _make_platforms(self):
        for number in range(2):
            base = self._base()
            parts = [self._add(f"registry.acme.example/multi/app{number}:1", "ours",
                               self._based(self._some("ours", 1, 2), base), platform)
                     for platform in ("linux/amd64", "linux/arm64")]
            index = to_json({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [
                {"mediaType": OCI_MANIFEST, "digest": digest_of(part.manifest),
                 "size": len(part.manifest),
                 "platform": dict(zip(("os", "architecture"), part.platform.split("/"),
                                      strict=True))} for part in parts]})
            for part in parts:
                part.index = index
                if self.random.random() < 0.7:
                    part.internal.tops.add(digest_of(index))

    def _add(self, name, origin, places, platform="linux/amd64"):
        chance = self.random
        config = build_config([place.content.diff_id for place in places], platform, name)
        manifest = build_manifest(OCI, config, [describe_place(OCI, place) for place in places])
        internal = Internal(name, origin)
        tells = chance.choice(TELLS if origin == "ours" else TELLS[2:])
        if tells in ("image", "everything"):
            internal.tops.add(digest_of(manifest))
        if tells in ("config", "everything"):
            internal.tops.add(digest_of(config))
        if tells in ("layers", "stacks", "everything"):
            internal.layers = [digest_of(place.blob) for place in places]
        if tells in ("diff_ids", "stacks", "everything"):
            internal.diff_ids = [place.content.diff_id for place in places]
        if origin == "ours" and internal.places:
            self._say_boundary(internal, places)
        self.images.append(Built(internal, platform, places, manifest, config, tells))
        return self.images[-1]

    def _say_boundary(self, internal, places):
        chance = self.random.random()
        if chance < 0.12:
            internal.boundary = self.random.randint(0, len(places))
        elif chance < 0.4:
            names = [top for image in self.images for top in sorted(image.internal.tops)
                     if image.internal.origin != "ours"]
            internal.base = self.random.choice(names) if names else ""
            below = [image for image in self.images if image.internal.tops and 0 < len(
                image.places) < len(places) and [place.content for place in image.places] ==
                [place.content for place in places[:len(image.places)]]]
            if below:
                internal.base = min(self.random.choice(below).internal.tops)

    # ---- As an export ----

    def records(self):
        for image in self.images:
            told = image.internal
            record = {"name": told.name, "origin": told.origin, "platform": image.platform,
                      "layers": told.layers, "diff_ids": told.diff_ids}
            tops = {"image": digest_of(image.manifest), "config": digest_of(image.config),
                    "index": digest_of(image.index)}
            field_of = {"image": "digest", "config": "config", "index": "index"}
            record |= {field_of[kind]: digest for kind, digest in tops.items()
                       if digest in told.tops}
            if told.base:
                record["base"] = told.base
            if told.boundary is not None:
                record["boundary"] = told.boundary
            yield {key: value for key, value in record.items() if value not in ("", [])}

    def write_export(self, path):
        Path(path).write_text("".join(json.dumps(record) + "\n" for record in self.records()))
