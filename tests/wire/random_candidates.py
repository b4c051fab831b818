"""Images as strangers push them, composed by chance out of a world's layers: as OCI layouts on disk,
and as what the model is told of them."""

import copy
import gzip
import json
import os
import zlib
from dataclasses import dataclass, field
from pathlib import Path

from images import digest_of, to_json
from random_world import (DOCKER, FORMS, OCI, Place, build_config, build_manifest, describe_place,
                          digest_by)
from verdict_model import Bytes, Candidate, Image, Layer

PLATFORMS = ["linux/amd64", "linux/arm64", "linux/s390x", "windows/amd64"]
ATTESTATION = {"vnd.docker.reference.type": "attestation-manifest"}
ALGORITHMS = ("sha256", "sha512")


def both(data):
    return frozenset(digest_by(algorithm, data) for algorithm in ALGORITHMS)


class Blobs:
    """The blobs of all candidates, each once; a layout links to them."""

    def __init__(self, folder):
        self.folder, self.names = Path(folder), {}
        self.folder.mkdir()

    def keep(self, data):
        name = digest_of(data).removeprefix("sha256:")
        if name not in self.names:
            (self.folder / name).write_bytes(data)
            self.names[name] = len(data)
        return self.folder / name


class Layout:
    def __init__(self, directory, blobs):
        self.directory, self.blobs = Path(directory), blobs
        for algorithm in ALGORITHMS:
            (self.directory / "blobs" / algorithm).mkdir(parents=True)
        (self.directory / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')

    def put(self, digest, data):
        """Serves `data` under a name; what stands there already stays."""
        place = self.directory / "blobs" / digest.replace(":", "/")
        if not place.exists():
            os.link(self.blobs.keep(data), place)

    def get(self, digest):
        place = self.directory / "blobs" / digest.replace(":", "/")
        return place.read_bytes() if place.exists() else None

    def finish(self, top):
        (self.directory / "index.json").write_bytes(to_json({"schemaVersion": 2,
                                                             "manifests": [top]}))


@dataclass
class Part:
    """One layer of a candidate: what is declared of it and the bytes served, None for none."""

    media_type: str
    digest: str
    size: int
    diff_id: str
    served: bytes | None
    note: str  # for messages
    kind: str = "layer"
    urls: list = field(default_factory=list)

    def described(self):
        more = {"urls": self.urls} if self.urls else {}
        return {"mediaType": self.media_type, "digest": self.digest, "size": self.size, **more}


@dataclass
class Plan:
    """One platform's image, before it is written."""

    platform: str
    types: object
    parts: list
    config: bytes
    manifest: bytes = b""
    manifest_algorithm: str = "sha256"
    served_manifest: bytes | None = b""  # None: not there
    served_config: bytes | None = b""
    diff_ids: list = field(default_factory=list)  # as the config says
    is_sound: bool = True


@dataclass
class Drawn:
    """A candidate of the test: where it is, what it is for the model, and what it was made of."""

    path: str
    plans: list
    candidate: Candidate
    twin: int | None = None  # the number of the sound one
    broken: int | None = None  # and which layer of it is broken here

    def describe(self):
        lines = []
        for plan, image in zip(self.plans, self.candidate.images, strict=False):
            lines.append(f"{plan.platform} attestation={image.is_attestation}"
                         f" child={image.is_child} config forged={image.is_config_forged}")
            lines += [f"  {part.note} {part.digest[:19]} {part.size} diff_id {part.diff_id[:19]}"
                      for part in plan.parts]
        return "\n".join(lines)


# ---- What bytes are, for who looks inside ----

class Looker:
    """Knows every blob that the pool has, and looks into those that were damaged."""

    def __init__(self, pool):
        self.known = {blob: content for contents in pool.kinds.values() for content in contents
                      for blob in content.forms.values()}
        self.seen = {}

    def look(self, data):
        if data is None:
            return None
        if data not in self.seen:
            tar, has_content = self._tar_of(data)
            self.seen[data] = Bytes(len(data), both(data), both(tar) if tar else frozenset(),
                                    has_content)
        return self.seen[data]

    def _tar_of(self, data):
        if data in self.known:
            return self.known[data].tar, self.known[data].has_content
        if data[257:262] == b"ustar":
            return data, True
        try:
            return (gzip.decompress(data), True) if data[:2] == b"\x1f\x8b" else (b"", False)
        except (zlib.error, EOFError, OSError):
            return b"", False


# ---- Composing ----

class Composer:
    def __init__(self, world, chance):
        self.world, self.pool, self.random = world, world.pool, chance
        self.places_of_ours = [place for image in world.images if image.internal.origin == "ours"
                               for place in image.places]

    def likely(self, chance):
        return self.random.random() < chance

    def _any_place(self):
        chance = self.random
        if self.likely(0.45):
            return copy.copy(chance.choice(self.places_of_ours))
        kind = chance.choice(["ours", "public", "third", "unlisted", "foreign", "foreign",
                              "unknown", "empty"])
        return Place(chance.choice(self.pool[kind]), chance.choice(FORMS))

    def _stranger(self):
        return Place(self.random.choice(self.pool["foreign"]), self.random.choice(FORMS))

    def _change(self, places):
        chance = self.random
        at = chance.randrange(len(places)) if places else 0
        match chance.choice(["form", "form", "forms", "drop", "cut", "empty", "stranger", "top",
                             "graft", "swap", "repeat", "rebase", "suffix"]):
            case "form" if places:
                places[at] = Place(places[at].content, chance.choice(FORMS))
            case "forms":
                form = chance.choice(FORMS)
                places[:] = [Place(place.content, form) for place in places]
            case "drop" if places:
                del places[at]
            case "cut":
                del places[at + 1:]
            case "empty":
                places.insert(at, Place(chance.choice(self.pool["empty"]), chance.choice(FORMS)))
            case "stranger":
                places.insert(at, self._stranger())
            case "top":
                places.append(self._stranger())
            case "graft":
                places.insert(at, copy.copy(chance.choice(self.places_of_ours)))
            case "swap" if places:
                other = chance.randrange(len(places))
                places[at], places[other] = places[other], places[at]
            case "repeat" if places:
                places.append(copy.copy(places[at]))
            case "rebase":
                base = chance.choice(self.world.images).places
                places[:min(2, len(places))] = map(copy.copy, base[:2])
            case "suffix":
                del places[:at]

    def stack(self):
        """(places, the internal image that it is an exact copy of, if any)"""
        chance = self.random
        if self.likely(0.15):
            return [self._any_place() for _ in range(chance.randint(1, 6))], None
        source = chance.choice(self.world.images)
        places = [copy.copy(place) for place in source.places]
        if self.likely(0.3):
            return places, source
        for _ in range(chance.choice([1, 1, 1, 2, 2, 3])):
            self._change(places)
        return (places or [self._stranger()])[:9], source

    def part(self, types, place):
        algorithm = "sha512" if self.likely(self.sha512) else "sha256"
        tars = "sha512" if algorithm == "sha512" and self.likely(0.7) else "sha256"
        return Part(types.of_layer(place.form), digest_by(algorithm, place.blob), len(place.blob),
                    digest_by(tars, place.content.tar), place.blob,
                    f"{place.content.name}/{place.form}")

    def plan(self, platform):
        self.sha512 = self.random.choice([0, 0, 0, 0, 0.3, 1])
        places, source = self.stack()
        types = DOCKER if self.likely(0.25) else OCI
        plan = Plan(platform, types, [self.part(types, place) for place in places], b"")
        if self.likely(0.45):
            self._damage(plan)
        plan.diff_ids = [part.diff_id for part in plan.parts]
        self._forge(plan, source)
        self._write_documents(plan, source)
        return plan

    # ---- Damage ----

    def exact(self, image):
        """An internal image as it is."""
        self.sha512 = 0
        plan = Plan(image.platform, OCI, [self.part(OCI, place) for place in image.places],
                    image.config, image.manifest)
        plan.diff_ids = [part.diff_id for part in plan.parts]
        plan.served_manifest, plan.served_config = plan.manifest, plan.config
        return plan

    def _damage(self, plan):
        plan.is_sound = False
        for _ in range(self.random.choice([1, 1, 2])):
            part = self.random.choice(plan.parts)
            match self.random.choice(["missing", "missing", "flip", "flip", "other", "cut", "noise",
                                      "foreign", "encrypted", "kind", "size"]):
                case "missing":
                    part.served, part.note = None, part.note + " missing"
                case "flip" if part.served:
                    part.served, part.note = flip(part.served), part.note + " flipped"
                case "other":
                    other = self._any_place()
                    part.served = other.blob
                    part.note += f" served {other.content.name}/{other.form}"
                case "cut" if part.served:
                    self._declare(part, part.served[:len(part.served) * 2 // 3], "cut")
                case "noise":
                    self._declare(part, b"noise" + self.random.randbytes(300), "noise")
                case "foreign":
                    part.kind, part.urls = "foreign", ["https://blobs.example/layer"]
                    part.media_type = foreign_type(plan.types)
                case "encrypted":
                    part.kind, part.media_type = "encrypted", part.media_type + "+encrypted"
                case "kind":
                    part.kind, part.media_type = "other", "application/vnd.in-toto+json"
                case "size":
                    part.size += 1
            if part.kind != "layer":
                part.note += " " + part.kind

    def _declare(self, part, data, note):
        """Other bytes, soundly declared."""
        part.served, part.size, part.digest = data, len(data), digest_of(data)
        part.note += " " + note

    def _forge(self, plan, source):
        """A config is free text."""
        chance = self.random
        declared = list(plan.diff_ids)
        if self.likely(0.1):
            at = chance.randrange(len(plan.parts))
            kind = chance.choice(["ours", "ours", "public", "foreign", "empty"])
            plan.diff_ids[at] = chance.choice(self.pool[kind]).diff_id
            plan.parts[at].note += f" claims {kind}"
        elif self.likely(0.03):
            plan.diff_ids = plan.diff_ids[:-1] if self.likely(0.5) else [*plan.diff_ids,
                                                                       plan.diff_ids[0]]
        elif source and len(source.places) == len(plan.parts) and self.likely(0.04):
            plan.diff_ids = [place.content.diff_id for place in source.places]
            plan.parts[0].note += " stolen config"
        plan.is_sound = plan.is_sound and plan.diff_ids == declared
        for part, diff_id in zip(plan.parts, plan.diff_ids, strict=False):
            part.diff_id = diff_id

    def _write_documents(self, plan, source):
        chance = self.random
        plan.config = self._config(plan, source)
        algorithm = "sha512" if self.sha512 and self.likely(0.4) else "sha256"
        plan.manifest_algorithm = "sha512" if self.sha512 and self.likely(0.4) else "sha256"
        plan.manifest = build_manifest(plan.types, plan.config,
                                       [part.described() for part in plan.parts], algorithm)
        if source and self._is_copy(plan, source) and self.likely(0.7):
            plan.manifest, plan.config = source.manifest, source.config
        plan.served_manifest, plan.served_config = plan.manifest, plan.config
        if self.likely(0.03):
            plan.is_sound = False
            plan.served_config = chance.choice([None, alter(plan.config)])

    def _config(self, plan, source):
        """Ours, where it lists the same; else the stranger's own."""
        if source and [place.content.diff_id for place in source.places] == plan.diff_ids \
                and self.likely(0.5):
            return source.config
        return build_config(plan.diff_ids, plan.platform, f"stranger {self.random.random()}")

    @staticmethod
    def _is_copy(plan, source):
        return plan.config == source.config and [part.described() for part in plan.parts] == [
            describe_place(OCI, place) for place in source.places]


def foreign_type(types):
    return "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip" if types is DOCKER \
        else "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"


def alter(document):
    """The same document for who reads it, of the same size, with other bytes."""
    altered = document.replace(b'"serial":"0', b'"serial":"1')
    assert altered != document
    return altered


def flip(data):
    """One bit in the middle, where a compressed blob is damaged and a tar has content."""
    at = len(data) // 2
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


# ---- Writing ----

def attestation(types):
    """What BuildKit puts beside an image."""
    statement = b'{"_type":"https://in-toto.io/Statement/v0.1"}'
    part = Part("application/vnd.in-toto+json", digest_of(statement), len(statement), "", statement,
                "statement", kind="other")
    config = build_config([part.digest], "unknown/unknown", "a builder")
    plan = Plan("unknown/unknown", types, [part], config, diff_ids=[part.digest])
    plan.manifest = build_manifest(types, config, [part.described()])
    plan.served_manifest, plan.served_config = plan.manifest, config
    return plan


def describe_manifest(plan, *, is_attestation=False):
    system, architecture = ("unknown/unknown" if is_attestation else plan.platform).split("/")
    more = {"annotations": ATTESTATION} if is_attestation else {}
    return {"mediaType": plan.types.manifest,
            "digest": digest_by(plan.manifest_algorithm, plan.manifest),
            "size": len(plan.manifest),
            "platform": {"architecture": architecture, "os": system}, **more}


class Writer:
    """Writes plans as layouts, and tells the model what stands there."""

    def __init__(self, folder, blobs, looker):
        self.folder, self.blobs, self.looker = Path(folder), blobs, looker

    @staticmethod
    def _config_digest(plan):
        return json.loads(plan.manifest)["config"]["digest"]

    def _put(self, layout, plan):
        for part in plan.parts:
            if part.served is not None:
                layout.put(part.digest, part.served)
        if plan.served_manifest is not None:
            layout.put(digest_by(plan.manifest_algorithm, plan.manifest), plan.served_manifest)
        if plan.served_config is not None:
            layout.put(self._config_digest(plan), plan.served_config)

    def _image(self, layout, plan, label):
        """What the program can know of a plan, by what stands in the layout now: of two that name
        the same, both see what was put there first. (image, could all be read, was any forged)"""
        manifest = layout.get(digest_by(plan.manifest_algorithm, plan.manifest))
        if manifest is None:
            return Image(plan.platform, set(), set(), []), False, False
        is_child = manifest == plan.manifest
        if label and all(part.kind == "other" for part in plan.parts):
            return Image(plan.platform, set(both(manifest)), set(), [], True), True, not is_child
        config = layout.get(self._config_digest(plan))
        count_fits = len(plan.diff_ids) == len(plan.parts)
        is_forged = config is not None and (config != plan.config or not count_fits)
        layers = [Layer(part.digest, part.size, part.kind,
                        part.diff_id if config is not None and count_fits else "",
                        self.looker.look(layout.get(part.digest))) for part in plan.parts]
        image = Image(plan.platform, set(both(manifest)), set(both(config)) if config else set(),
                      layers, is_child=is_child, is_config_forged=is_forged)
        return image, config is not None, is_forged or not is_child

    def single(self, name, plan):
        layout = Layout(self.folder / name, self.blobs)
        self._put(layout, plan)
        layout.finish(describe_manifest(plan))
        image, is_read, is_forged = self._image(layout, plan, False)
        return Candidate([], [image], not is_read, is_forged)

    def index(self, name, plans, labels, types, document=None):
        """`labels` says of each plan whether the index calls it an attestation; `document` is the
        index as it stands, made of the plans where there is none."""
        layout = Layout(self.folder / name, self.blobs)
        for plan in plans:
            self._put(layout, plan)
        children = [describe_manifest(plan, is_attestation=label)
                    for plan, label in zip(plans, labels, strict=True)]
        document = document or to_json({"schemaVersion": 2, "mediaType": types.index,
                                        "manifests": children})
        layout.put(digest_of(document), document)
        layout.finish({"mediaType": types.index, "digest": digest_of(document),
                       "size": len(document)})
        found = [self._image(layout, plan, label) for plan, label in zip(plans, labels, strict=True)]
        return Candidate([digest_of(document)], [image for image, _, _ in found],
                         not all(is_read for _, is_read, _ in found),
                         any(is_forged for _, _, is_forged in found))


# ---- Drawing ----

class Drawer:
    """Candidates one after the other, each written where the check will find it."""

    def __init__(self, world, chance, writer):
        self.world, self.random, self.writer = world, chance, writer
        self.composer = Composer(world, chance)
        self.drawn = []
        self.sound = []  # numbers of single images that nothing is wrong with

    def draw(self):
        kind = self.random.random()
        if kind < 0.2 and self.sound:
            drawn = self._twin(self.random.choice(self.sound))
        elif kind < 0.25:
            drawn = self._copied_index()
        elif kind < 0.4:
            drawn = self._index()
        else:
            drawn = self._single()
        self.drawn.append(drawn)

    def _name(self):
        return str(len(self.drawn))

    def _single(self):
        plan = self.composer.plan("linux/amd64")
        candidate = self.writer.single(self._name(), plan)
        if plan.is_sound and len({part.digest for part in plan.parts}) == len(plan.parts):
            self.sound.append(len(self.drawn))
        return Drawn(self._name(), [plan], candidate)

    def _twin(self, number):
        """The same image by the same manifest, and one layer of it is broken."""
        plan = copy.deepcopy(self.drawn[number].plans[0])
        at = self.random.randrange(len(plan.parts))
        part = plan.parts[at]
        is_missing = self.random.random() < 0.5
        part.served = None if is_missing else flip(part.served)
        part.note += " missing" if is_missing else " flipped"
        candidate = self.writer.single(self._name(), plan)
        return Drawn(self._name(), [plan], candidate, number, at)

    def _index(self):
        chance = self.random
        types = DOCKER if chance.random() < 0.2 else OCI
        plans = [self.composer.plan(platform)
                 for platform in chance.sample(PLATFORMS, chance.randint(1, 3))]
        labels = [chance.random() < 0.05 for _ in plans]
        for plan in plans:
            if chance.random() < 0.08:
                plan.served_manifest = chance.choice([None, alter(plan.manifest)])
        for _ in range(chance.choice([0, 1, 1, 2])):
            plans.append(attestation(OCI))
            labels.append(True)
        candidate = self.writer.index(self._name(), plans, labels, types)
        return Drawn(self._name(), plans, candidate)

    def _copied_index(self):
        """That of an image of ours, of which not all that it leads to need be there."""
        chance = self.random
        index = chance.choice([image.index for image in self.world.images if image.index])
        plans = []
        for image in self.world.images:
            if image.index != index:
                continue
            plan = self.composer.exact(image)
            for part in plan.parts:
                if chance.random() < 0.15:
                    part.served = chance.choice([None, flip(part.served)])
                    part.note += " broken"
            if chance.random() < 0.2:
                plan.served_manifest = chance.choice([None, alter(plan.manifest)])
            plans.append(plan)
        candidate = self.writer.index(self._name(), plans, [False] * len(plans), OCI, index)
        return Drawn(self._name(), plans, candidate)
