"""Exports with a known number of distinct digests, and what the peers of the index take of the same.

All digests come of a generator with a fixed seed: two machines have the same files. Made once, into a
folder that is kept.
"""

import hashlib
import json
import os
import random
import shutil
from dataclasses import dataclass
from pathlib import Path

REPOSITORIES = 2000
TEAMS = 40
MOST_WANTED = 1_000_000  # digests that are looked up, of however many there are
IN_AN_IMAGE = 12  # its own, that of its configuration, 5 layers and 5 diff_ids: no two images share any
SIZE = 32
CHUNK = 120_000  # digests: whole images, and a multiple of every step of the sample

DUMP_HEAD = "VERSION=3\nformat=bytevalue\ntype=btree\nmapsize={}\nHEADER=END\n"
DUMP_VALUE = "112233445566778899aabbccddeeff00"  # 16 bytes, as small as one could do with


@dataclass
class Export:
    """A file to import, and the digests to look up behind it: raw, in random order."""

    path: Path
    digests: int
    wanted: Path

    def warm(self):
        warm(self.path)


def warm(path):
    """Has the kernel hold the file in memory, for whoever reads it next."""
    with open(path, "rb", buffering=0) as file:
        while file.read(1 << 20):
            pass


def name_of(number):
    return f"registry.corp.example/team{number % TEAMS}/app{number % REPOSITORIES}:{number}"


def digest_chunks(seed, count):
    """(number of the first, raw bytes) of `count` digests."""
    generator = random.Random(seed)
    for first in range(0, count, CHUNK):
        yield first, generator.randbytes(SIZE * min(CHUNK, count - first))


def split(text, size):
    return [text[at:at + size] for at in range(0, len(text), size)]


def image_line(number, digests):
    def listed(some):
        return ",".join(f'"sha256:{digest}"' for digest in some)
    return (f'{{"name":"{name_of(number)}","digest":"sha256:{digests[0]}","config":"sha256:{digests[1]}",'
            f'"layers":[{listed(digests[2:7])}],"diff_ids":[{listed(digests[7:])}],"platform":"linux/amd64"}}\n')


class IndexData:
    """The files of `count` digests in `directory`; those that an earlier run has made are taken as they are.

    rows.csv and, where wanted, rows.jsonl: one digest a row. images.jsonl: images of IN_AN_IMAGE digests. Of the rows also
    rows.txt, "DIGEST NAME" in hex, for sort and sqlite3; rows.dump, sorted, for mdb_load; and what is
    looked up as text: hit.txt and miss.txt."""

    def __init__(self, directory, count, *, has_json_rows):
        self.directory, self.count, self.has_json_rows = Path(directory), count, has_json_rows
        notes = self.directory / "made.json"
        recipe = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
        if not notes.exists() or json.loads(notes.read_text()) != recipe:
            print(f"making exports of {count} digests", flush=True)
            shutil.rmtree(self.directory, ignore_errors=True)
            self.directory.mkdir(parents=True)
            self.make()
            notes.write_text(json.dumps(recipe))
        in_images = count // IN_AN_IMAGE * IN_AN_IMAGE
        self.rows_csv = Export(self.path("rows.csv"), count, self.path("rows.wanted"))
        self.rows_jsonl = Export(self.path("rows.jsonl"), count, self.path("rows.wanted"))
        self.images = Export(self.path("images.jsonl"), in_images, self.path("images.wanted"))

    def path(self, name):
        return self.directory / name

    def make(self):
        self.make_rows()
        self.make_images()
        self.make_dump()

    def make_rows(self):
        sample = []
        json_rows = self.path("rows.jsonl") if self.has_json_rows else os.devnull
        with open(self.path("rows.csv"), "w") as csv, open(json_rows, "w") as jsonl, \
                open(self.path("rows.txt"), "w") as text:
            csv.write("name,digest\n")
            for first, raw in digest_chunks(1, self.count):
                rows = [(name_of(number), digest)
                        for number, digest in enumerate(split(raw.hex(), 2 * SIZE), first)]
                csv.write("".join([f"{name},sha256:{digest}\n" for name, digest in rows]))
                jsonl.write("".join([f'{{"name":"{name}","digest":"sha256:{digest}"}}\n' for name, digest in rows]))
                text.write("".join([f"{digest} {name}\n" for name, digest in rows]))
                sample += self.sample_of(raw)
        wanted = self.write_wanted("rows.wanted", sample)
        self.path("hit.txt").write_text("".join([f"{raw.hex()}\n" for raw in wanted]))
        self.path("miss.txt").write_text("".join([f"{raw[::-1].hex()}\n" for raw in wanted]))

    def make_images(self):
        sample = []
        with open(self.path("images.jsonl"), "w") as file:
            for first, raw in digest_chunks(2, self.count // IN_AN_IMAGE * IN_AN_IMAGE):
                digests = split(raw.hex(), 2 * SIZE)
                file.write("".join([image_line((first + at) // IN_AN_IMAGE, digests[at:at + IN_AN_IMAGE])
                                    for at in range(0, len(digests), IN_AN_IMAGE)]))
                sample += self.sample_of(raw)
        self.write_wanted("images.wanted", sample)

    def make_dump(self):
        keys = []
        for _, raw in digest_chunks(1, self.count):
            keys += split(raw, SIZE)
        keys.sort()
        with open(self.path("rows.dump"), "w") as dump:
            dump.write(DUMP_HEAD.format(self.count * 256 + (1 << 24)))
            for at in range(0, len(keys), CHUNK):
                dump.write("".join([f" 01{key.hex()}\n {DUMP_VALUE}\n" for key in keys[at:at + CHUNK]]))
            dump.write("DATA=END\n")

    def sample_of(self, raw):
        """Every so many of the digests, so that there are never many more than MOST_WANTED."""
        step = SIZE * max(1, self.count // MOST_WANTED)
        return [raw[at:at + SIZE] for at in range(0, len(raw), step)]

    def write_wanted(self, name, sample):
        random.Random(3).shuffle(sample)
        self.path(name).write_bytes(b"".join(sample))
        return sample
