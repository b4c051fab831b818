"""What `check` has to answer, worked out slowly: the rules of evidence and verdict as they read, in
sets and loops over what is known of a candidate and of the index. Nothing here is fast, and nothing
is taken from the program: where the two differ, one of them is wrong.

The candidate is what stands in its layout and what its bytes are (Candidate, Image, Layer, Bytes),
the index is the images that were imported (Internal). `Question(...).at(depth)` gives an Answer.
"""

import functools
import gzip
import hashlib
import itertools
from dataclasses import dataclass, field

# Layers without content that builders write everywhere, as blobs and as tars: those that have only
# these names are never asked for.
EMPTY_TARS = (b"", bytes(1024), bytes(10240))
EMPTIES = {f"sha512:{hashlib.sha512(data).hexdigest()}" for data in EMPTY_TARS} | {
    f"sha256:{hashlib.sha256(data).hexdigest()}"
    for data in (*EMPTY_TARS, *(gzip.compress(data, 6, mtime=0) for data in EMPTY_TARS[1:]))}

# Weakest first: of several, the last is the reason.
REASONS = ["no_match", "partial", "public", "third_party", "unknown_owner", "shared_base",
           "diff_id_declared", "layer_declared", "tampered", "config", "manifest", "index",
           "diff_id", "layer"]
PROOFS = {"layer", "diff_id", "manifest", "config", "index"}
DOCUMENTS = {"manifest", "config", "index"}
HIGH = PROOFS | {"layer_declared", "diff_id_declared", "tampered"}
MEDIUM = {"unknown_owner", "partial"}
DOUBTFUL = 512  # bytes
DISCLAIMERS = ["unknown", "ours", "third_party", "public"]


def strongest(reasons):
    return max(reasons, key=REASONS.index, default="no_match")


# ---- The index ----

@dataclass(eq=False)
class Internal:
    """One image of the index, as an export tells it; what the export does not tell is empty."""

    name: str
    origin: str
    tops: set = field(default_factory=set)  # digests of its index, manifest and config
    layers: list = field(default_factory=list)
    diff_ids: list = field(default_factory=list)
    base: str = ""
    boundary: int | None = None  # as a person set it

    @property
    def repository(self):
        return self.name.rpartition(":")[0]

    def blob(self, place):
        return self.layers[place] if place < len(self.layers) else ""

    def tar(self, place):
        return self.diff_ids[place] if place < len(self.diff_ids) else ""

    @property
    def places(self):
        """Of each layer, bottom first, the set of its names."""
        return [{name for name in pair if name}
                for pair in itertools.zip_longest(self.layers, self.diff_ids)]


class Index:
    def __init__(self, internals, complete_bases):
        self.internals, self.complete_bases = internals, complete_bases
        self._boundaries = {image: self._find_boundary(image) for image in internals}

    @functools.cache  # of an index that never changes
    def holders(self, digest):
        return [image for image in self.internals
                if digest in image.tops or digest in image.layers or digest in image.diff_ids]

    def origin(self, digest):
        """The strongest disclaimer among the images that hold it."""
        return max((image.origin for image in self.holders(digest)), key=DISCLAIMERS.index)

    def witnesses(self, digest):
        """Who is asked about it: of what is not ours the one image that a finding names."""
        holders = self.holders(digest)
        if not holders or self.origin(digest) == "ours":
            return holders
        return [next(image for image in holders if image.origin == self.origin(digest))]

    def knows_layer(self, digest):
        return any(digest in image.layers or digest in image.diff_ids for image in self.internals)

    def knows_document(self, digest):
        return any(digest in image.tops for image in self.internals)

    @staticmethod
    def has_prefix(image, other, count):
        """Whether the bottom `count` layers of both are the same, by blobs or by diff_ids."""
        return any(len(ours) >= count and len(theirs) >= count and ours[:count] == theirs[:count]
                   for ours, theirs in ((image.layers, other.layers),
                                        (image.diff_ids, other.diff_ids)))

    def named_base(self, image):
        """Layers of the base that it names by digest, when that is in the index and under it."""
        for base in self.internals:
            count = len(base.places)
            if image.base and image.base in base.tops and count > 0 \
                    and self.has_prefix(image, base, count):
                return count
        return 0

    def public_prefix(self, image):
        return max((count for count in range(1, len(image.places) + 1) for other in self.internals
                    if other.origin in ("public", "third_party")
                    and self.has_prefix(image, other, count)), default=0)

    def parting(self, image):
        return max(self.parting_by(image, "layers"), self.parting_by(image, "diff_ids"))

    def parting_by(self, image, names):
        """The most bottom layers above which images of several repositories of ours go on with
        different layers, while none ends there: as one kind of names tells it."""
        stacks = [(other.repository, getattr(other, names)) for other in self.internals
                  if other.origin == "ours"]
        own, greatest = getattr(image, names), 0
        for count in range(1, len(own)):
            sharers = [(repository, stack) for repository, stack in stacks
                       if len(stack) >= count and stack[:count] == own[:count]]
            if any(len(stack) == count for _, stack in sharers):
                continue
            if any(one != other and here[count] != there[count]
                   for (one, here), (other, there) in itertools.combinations(sharers, 2)):
                greatest = count
        return greatest

    def boundary(self, image):
        return self._boundaries[image]

    def _find_boundary(self, image):
        """How many bottom layers are not its own work, and whether that is known."""
        count = len(image.places)
        if image.boundary is not None:
            return min(image.boundary, count), True
        if self.named_base(image):
            return self.named_base(image), True
        public = self.public_prefix(image)
        if self.complete_bases and public:
            return public, True
        guess = max(public, self.parting(image))
        return guess or (1 if count > 1 else 0), False


# ---- The candidate ----

@dataclass(frozen=True)
class Bytes:
    """What is served for a layer, told by who looks inside."""

    size: int
    names: frozenset  # its digests, by each algorithm
    tar_names: frozenset  # those of the tar; none when it cannot be decompressed
    has_content: bool  # some regular file that is not empty


@dataclass
class Layer:
    digest: str  # this and the next three as declared
    size: int
    kind: str  # layer, foreign, encrypted, other
    diff_id: str  # "": none
    served: Bytes | None  # None: not there


@dataclass
class Image:
    platform: str
    manifest: set  # its digests by each algorithm; empty when it could not be read
    config: set
    layers: list
    is_attestation: bool = False
    is_child: bool = True  # its manifest is what the index over it names
    is_config_forged: bool = False  # other bytes than declared, or diff_ids of another count


@dataclass
class Candidate:
    indexes: list  # digests of the indexes over the images
    images: list
    has_unread: bool = False  # some document could not be read
    has_tampered: bool = False  # or is not what was declared


def algorithm_of(name):
    return name.partition(":")[0]


class Seen:
    """A layer as it is known: by what was declared, and once it was read by its bytes."""

    def __init__(self, layer, was_read, index):
        self.layer, self.was_read = layer, was_read
        self.blob = {layer.digest} - EMPTIES
        self.tar = ({layer.diff_id} if layer.diff_id else set()) - EMPTIES
        self.is_blob_hashed = self.is_tar_hashed = self.is_tampered = False
        self.is_unread = layer.kind != "layer"
        self.is_empty = layer.digest in EMPTIES or (
            layer.diff_id in EMPTIES and not self._is_content_elsewhere(index))
        if was_read and not self.is_unread:
            self._read(layer.served)
        self.is_contradicted = not self.is_hashed and self._is_contradicted(index)

    def _is_contradicted(self, index):
        """Whether the index knows the blob, by another diff_id than the config gives it."""
        known = {image.tar(place) for image in index.witnesses(self.layer.digest)
                 for place, name in enumerate(image.layers) if name == self.layer.digest}
        known = {name for name in known if algorithm_of(name) == algorithm_of(self.layer.diff_id)}
        return bool(known) and self.layer.diff_id not in known

    def _is_content_elsewhere(self, index):
        """A config may say of any layer that it is empty. Not of one that the index knows."""
        return any(self.layer.digest in names and not names & EMPTIES
                   for image in index.witnesses(self.layer.digest) for names in image.places)

    def _read(self, served):
        if served is None:
            self.is_unread = True
            return
        if served.size > self.layer.size:  # no more is taken than was declared
            self.is_unread = self.is_tampered = True
            return
        self.blob, self.is_blob_hashed = served.names, True
        self.is_tampered = self.layer.digest not in served.names or self.layer.size != served.size
        if not served.tar_names:
            self.is_unread = True
            return
        self.tar, self.is_tar_hashed = served.tar_names, True
        self.is_empty = not served.has_content
        if self.layer.diff_id and self.layer.diff_id not in served.tar_names:
            self.is_tampered = True

    @property
    def names(self):
        return self.blob | self.tar

    def may_be(self, blob, tar):
        """Whether it may be the layer that goes by these two names, one of which may be unknown."""
        if self.listed & ({blob, tar} - {""}):
            return True
        pairs = [(name, blob) for name in self.blob] + [(name, tar) for name in self.tar]
        return all(algorithm_of(one) != algorithm_of(other) for one, other in pairs)

    @property
    def listed(self):
        """Where its bytes are broken, what it was to be too: damage in one layer must not change
        what is said of the others."""
        declared = {self.layer.digest, self.layer.diff_id} - {""}
        return self.names | (declared if self.is_tampered else set())

    @property
    def is_hashed(self):
        return self.is_blob_hashed or self.is_tar_hashed

    @property
    def may_be_fetched(self):
        return not (self.was_read or self.is_empty or self.is_unread)


@dataclass
class Answer:
    verdict: str
    reason: str
    priority: str
    anchored: bool
    fetched: int = 0  # bytes of layers


class Judge:
    """Weighs one candidate by what was read of it: `read` is a set of (image, layer)."""

    def __init__(self, candidate, index, read):
        self.candidate, self.index = candidate, index
        self.seen = [[Seen(layer, (i, j) in read, index) for j, layer in enumerate(image.layers)]
                     for i, image in enumerate(candidate.images)]
        self.numbers = [i for i, image in enumerate(candidate.images) if not image.is_attestation]

    # ---- Documents ----

    def has_tampered_layer(self, i):
        return any(seen.is_tampered for seen in self.seen[i])

    def stands(self, kind, i):
        """A document of ours speaks for its layers until one proves to be something else; an index
        as long as one of its images does."""
        if kind == "index":
            whole = [self.candidate.images[j].is_child and not self.has_tampered_layer(j)
                     for j in self.numbers]
            return any(whole) or not whole
        forged = kind == "config" and self.candidate.images[i].is_config_forged
        return not forged and not self.has_tampered_layer(i)

    def documents(self):
        """[(kind, image or None, digest)] of those that the index knows."""
        found = [("index", None, digest) for digest in self.candidate.indexes]
        for i in self.numbers:
            image = self.candidate.images[i]
            found += [("manifest", i, digest) for digest in image.manifest]
            found += [("config", i, digest) for digest in image.config]
        return [item for item in found if self.index.knows_document(item[2])]

    def speaking(self):
        """[(kind, image)] of each document of ours that stands, for each image it speaks of."""
        pairs = []
        for kind, i, digest in self.documents():
            if self.index.origin(digest) == "ours" and self.stands(kind, i):
                pairs += [(kind, j) for j in self.numbers
                          if j == i or (i is None and self.candidate.images[j].is_child)]
        return pairs

    def document_reasons(self):
        for kind, i, digest in self.documents():
            origin = self.index.origin(digest)
            if origin != "ours":
                yield {"unknown": "unknown_owner"}.get(origin, origin)
            else:
                yield kind if self.stands(kind, i) else "tampered"

    # ---- Whose a layer is ----

    def stack(self, i):
        """The layers of image `i` that are not empty."""
        return [seen for seen in self.seen[i] if not seen.is_empty]

    def internal_stack(self, i, internal):
        """[(place, names)] of its layers without the empty ones: well-known, or found to be."""
        found = [seen.names for seen in self.seen[i] if seen.is_empty]
        return [(place, names) for place, names in enumerate(internal.places)
                if not names & EMPTIES and not any(names & empty for empty in found)]

    def is_above(self, seen, internal):
        count, _ = self.index.boundary(internal)
        return any(names & seen.names for names in internal.places[count:])

    def holds_whole(self, i, internal):
        """Every layer with content, in order, at least one of them above the boundary."""
        ours = self.internal_stack(i, internal)
        rest = iter(self.stack(i))
        count, _ = self.index.boundary(internal)
        return any(place >= count for place, _ in ours) and \
            all(any(names & seen.listed for seen in rest) for _, names in ours)

    def common_run(self, i, internal):
        """Up to where the two certainly differ: who stands on the same base is not to be accused
        because a layer of it is broken, or is named otherwise than ours."""
        run = []
        for seen, (place, _) in zip(self.stack(i), self.internal_stack(i, internal), strict=False):
            if not seen.may_be(internal.blob(place), internal.tar(place)):
                break
            run.append(seen)
        return run

    def is_in_common_run(self, i, seen, internal):
        return any(seen is other or seen.blob & other.blob or seen.tar & other.tar
                   for other in self.common_run(i, internal))

    def top_is_served(self, i, internal, also):
        """Whether the bytes of its topmost layer were read here, or are those of `also`."""
        top = self.internal_stack(i, internal)[-1][1]
        return any(seen.names & top for seen in [also, *filter(lambda s: s.is_hashed, self.seen[i])])

    def has_top(self, i, internal):
        top = self.internal_stack(i, internal)[-1:]
        return any(names & seen.names for _, names in top for seen in self.seen[i])

    def ownership(self, i, seen, digest):
        """(is it ours by the rules, is it so once it is hashed) of a layer by one of its digests.
        Above a guess only the top is surely an image's own work, and that it is there too is only
        somebody's list until its bytes were served."""
        is_ours = is_proof = False
        for internal in self.index.holders(digest):
            if internal.origin != "ours" or not self.is_above(seen, internal):
                continue
            _, is_known = self.index.boundary(internal)
            is_graft = not self.is_in_common_run(i, seen, internal) and self.has_top(i, internal)
            if is_known:
                is_ours = is_proof = True
            elif is_graft or self.holds_whole(i, internal):
                is_ours = True
                is_proof = is_proof or any(j == i for _, j in self.speaking()) \
                    or self.top_is_served(i, internal, seen)
        return is_ours, is_proof

    def disclaimer(self, seen, digest):
        """Whose a layer is by one digest. Bytes that were hashed have all their names: what is
        public by one of them is public."""
        names = seen.names if seen.is_blob_hashed and seen.is_tar_hashed else {digest}
        known = [self.index.origin(name) for name in names if self.index.knows_layer(name)]
        disclaimed = [origin for origin in known if origin in ("public", "third_party")]
        return max(disclaimed, key=DISCLAIMERS.index) if disclaimed else self.index.origin(digest)

    def identities(self, seen):
        """[(identity, digest, was it hashed)] that the index knows."""
        if seen.is_empty:
            return []
        pairs = [("layer", digest, seen.is_blob_hashed) for digest in seen.blob]
        pairs += [("diff_id", digest, seen.is_tar_hashed) for digest in seen.tar]
        return [item for item in pairs if self.index.knows_layer(item[1])]

    def layer_reasons(self, i, seen):
        for identity, digest, is_hashed in self.identities(seen):
            origin = self.disclaimer(seen, digest)
            if origin != "ours":
                yield {"unknown": "unknown_owner"}.get(origin, origin)
                continue
            is_ours, is_proof = self.ownership(i, seen, digest)
            if not is_ours:
                yield "shared_base"
            else:
                yield identity if is_hashed and is_proof else identity + "_declared"

    # ---- The verdict ----

    def is_tampered(self):
        return self.candidate.has_tampered or any(
            seen.is_tampered or seen.is_contradicted for i in self.numbers for seen in self.seen[i])

    def is_unread(self):
        return self.candidate.has_unread or self.candidate.has_tampered or any(
            seen.is_unread for i in self.numbers for seen in self.seen[i])

    def reason(self):
        reasons = list(self.document_reasons())
        for i in self.numbers:
            for seen in self.seen[i]:
                reasons += self.layer_reasons(i, seen)
        if not reasons and self.is_unread():
            reasons.append("partial")
        if self.is_tampered():
            reasons.append("tampered")
        return strongest(reasons)

    def priority(self, reason):
        if reason in HIGH:
            return "high"
        if reason in MEDIUM:
            return "medium"
        if reason == "shared_base" and any(self.may_be_own(seen) for i in self.numbers
                                           for seen in self.seen[i]):
            return "medium"
        return "low"

    def may_be_own(self, seen):
        """Ours by its digest, and above the boundary of an image of ours."""
        return any(self.disclaimer(seen, digest) == "ours" and internal.origin == "ours"
                   and self.is_above(seen, internal)
                   for _, digest, _ in self.identities(seen)
                   for internal in self.index.holders(digest))

    def is_lifted(self):
        """Whether a layer that a document of ours speaks of was hashed. A config speaks of tars."""
        return any(seen.is_tar_hashed or (kind != "config" and seen.is_blob_hashed)
                   for kind, i in self.speaking() for seen in self.seen[i]
                   if not seen.is_empty and not seen.is_tampered)

    def answer(self):
        reason = self.reason()
        return Answer("true_positive" if reason in PROOFS else "needs_review", reason,
                      self.priority(reason), reason in DOCUMENTS and not self.is_lifted())

    # ---- What to fetch ----

    def places(self):
        return [(i, j) for i in self.numbers for j in range(len(self.seen[i]))]

    def own_layers(self):
        """Those that prove it once they are hashed."""
        return [(i, j) for i, j in self.places()
                if any(self.disclaimer(self.seen[i][j], digest) == "ours"
                       and self.ownership(i, self.seen[i][j], digest)[1]
                       for _, digest, _ in self.identities(self.seen[i][j]))]

    def undisputed(self):
        """Those of them that are not declared to be public by their other name."""
        return [(i, j) for i, j in self.own_layers()
                if not any(self.index.origin(digest) in ("public", "third_party")
                           for _, digest, _ in self.identities(self.seen[i][j]))]

    def spoken_of(self):
        images = {i for _, i in self.speaking()}
        return [(i, j) for i, j in self.places() if i in images]

    def untellable(self):
        """Declared by sha512 alone: exports name by sha256."""
        return [(i, j) for i, j in self.places()
                if {algorithm_of(name) for name in (self.seen[i][j].layer.digest,
                                                    self.seen[i][j].layer.diff_id) if name}
                == {"sha512"}]

    def doubtful(self):
        """So small that they may well be empty, and no shared base then."""
        return [(i, j) for i, j in self.places() if self.may_be_own(self.seen[i][j])
                and self.seen[i][j].layer.size <= DOUBTFUL]

    def next(self):
        """The place whose reading settles the verdict with the fewest bytes, or None."""
        answer = self.answer()
        if answer.reason in DOCUMENTS and answer.anchored:
            choices = [self.undisputed(), self.own_layers(), self.spoken_of()]
        elif answer.verdict == "true_positive":
            choices = []
        else:
            choices = [self.undisputed(), self.own_layers(), self.untellable()]
            if answer.reason == "shared_base":
                choices.append(self.doubtful())
        for places in choices:
            places = [(i, j) for i, j in places if self.seen[i][j].may_be_fetched]
            if places:
                return min(places, key=self.cost)
        return None

    def cost(self, place):
        seen = self.seen[place[0]][place[1]]
        return seen.layer.size, not any(kind == "layer" for kind, _, _ in self.identities(seen))


class Question:
    """One candidate, asked of one index."""

    def __init__(self, candidate, index):
        self.candidate, self.index = candidate, index

    def judge(self, read):
        return Judge(self.candidate, self.index, read)

    def layer(self, place):
        return self.candidate.images[place[0]].layers[place[1]]

    def everywhere(self, place):
        """All places that declare the same layer: it is read once."""
        layer = self.layer(place)
        return {(i, j) for i, image in enumerate(self.candidate.images)
                for j, other in enumerate(image.layers)
                if (other.digest, other.diff_id) == (layer.digest, layer.diff_id)}

    def at(self, depth):
        if depth == "manifest":
            return self.judge(set()).answer()
        if depth == "full":
            return self.judge(set(self.judge(set()).places())).answer()
        read, fetched, sound = set(), 0, set()
        while (place := self.judge(read).next()) is not None:
            layer = self.layer(place)
            read |= self.everywhere(place)
            if layer.digest not in sound and layer.served is not None:
                fetched += layer.served.size
                if layer.digest in layer.served.names:
                    sound.add(layer.digest)
        answer = self.judge(read).answer()
        answer.fetched = fetched
        return answer
