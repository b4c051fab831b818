"""Layers of real files: those that Debian packages have installed on this machine.

The packages are a fixed list of what tests/deps has installed, so nothing is downloaded, and two
machines with the same Debian have the same layers. Made once, into a folder that is kept.
"""

import hashlib
import io
import json
import shutil
import subprocess
import tarfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

# The layers of an image, bottom first: a distribution, languages, a compiler, an application.
PACKAGES = {
    "distribution": "apt base-files bash coreutils dash debconf dpkg findutils grep gzip libc-bin libc6 "
                    "libgcc-s1 libssl3 libstdc++6 perl-base sed tar tzdata util-linux",
    "languages": "git libperl5.36 libpython3.11-minimal libpython3.11-stdlib openssl perl-modules-5.36 "
                 "python3.11-minimal",
    "compiler": "binutils-common cpp-12 libc6-dev libgcc-12-dev libllvm14 linux-libc-dev",
    "application": "buildah docker-registry skopeo umoci valgrind",
}
HUGE_SIZE = 2800 << 20  # bytes of tar, for more than 1 GiB compressed
PART_SIZE = 8 << 20

GZIP = ["gzip", "-6", "-n"]
ZSTD = ["zstd", "-3", "-q"]
QUICK_GZIP = ["pigz", "-1", "-n"]
QUICK_ZSTD = ["zstd", "-1", "-q"]


@dataclass
class Layer:
    """A blob and what is known of it."""

    path: Path
    size: int
    digest: str
    diff_id: str
    uncompressed: int

    def warm(self):
        """Has the kernel hold the file in memory, for whoever reads it next."""
        with open(self.path, "rb", buffering=0) as blob:
            while blob.read(1 << 20):
                pass


class Summing:
    """A file to write to that hands on and hashes what passes."""

    def __init__(self, target):
        self.target, self.hash, self.size = target, hashlib.sha256(), 0

    def write(self, data):
        self.hash.update(data)
        self.size += len(data)
        return self.target.write(data)

    @property
    def digest(self):
        return f"sha256:{self.hash.hexdigest()}"


def digest_of_file(path):
    with open(path, "rb") as blob:
        return f"sha256:{hashlib.file_digest(blob, 'sha256').hexdigest()}"


def files_of(package):
    """What the package has installed, folders and links too, sorted."""
    listed = subprocess.run(["dpkg-query", "-L", package], check=True, stdout=subprocess.PIPE,
                            text=True).stdout.splitlines()
    return sorted(name for name in listed if name.startswith("/") and name != "/.")


def add_file(tar, name, prefix=""):
    path = Path(name)
    if not (path.is_file() or path.is_symlink() or path.is_dir()):
        return  # left out of this machine when the package was installed
    entry = tar.gettarinfo(name, prefix + name.lstrip("/"))
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = int(entry.mtime)
    if entry.isreg():
        with open(name, "rb") as content:
            tar.addfile(entry, content)
    else:
        tar.addfile(entry)


def write_packages(tar, packages, prefix=""):
    written = set()
    for package in packages.split():
        for name in files_of(package):
            if name not in written:
                add_file(tar, name, prefix)
                written.add(name)


def write_huge(tar):
    """All packages, again and again, each time in another folder."""
    number = 0
    while tar.offset < HUGE_SIZE:
        write_packages(tar, " ".join(PACKAGES.values()), f"copy-{number}/")
        number += 1


def write_mixed(tar, packed):
    """Half of it files as they are, and half compressed already: as of a layer with archives, pictures
    or models in it."""
    write_packages(tar, PACKAGES["application"])
    with open(packed, "rb") as source:
        for number in range(tar.offset // PART_SIZE):
            data = source.read(PART_SIZE)
            entry = tarfile.TarInfo(f"packed/part-{number}")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))


class Inputs:
    """The layers by their names, in `directory`; those that an earlier run has made are taken as they
    are. large.gz, large.zst: all packages. again.gz: the same tar, another blob. mixed.gz: half of it
    compressed twice. huge.gz, huge.zst: more than 1 GiB each. NAME.gz: the packages of that name."""

    def __init__(self, directory):
        self.directory = Path(directory)
        notes = self.directory / "layers.json"
        recipe = self.recipe()
        known = json.loads(notes.read_text()) if notes.exists() else {}
        if known.get("recipe") != recipe:
            print("making layers out of the files of Debian packages, which takes some minutes", flush=True)
            shutil.rmtree(self.directory, ignore_errors=True)
            self.directory.mkdir(parents=True)
            known = {"recipe": recipe, "layers": self.make()}
            notes.write_text(json.dumps(known, indent=1))
        self.layers = {name: Layer(self.directory / name, **of) for name, of in known["layers"].items()}

    def __getitem__(self, name):
        return self.layers[name]

    def image(self):
        """The layers of an image, bottom first."""
        return [self[f"{name}.gz"] for name in PACKAGES]

    def recipe(self):
        """What the layers depend on: this file, and the versions of the packages."""
        names = " ".join(PACKAGES.values()).split()
        versions = subprocess.run(["dpkg-query", "-W", *names], check=True, stdout=subprocess.PIPE,
                                  text=True).stdout
        return hashlib.sha256(Path(__file__).read_bytes() + versions.encode()).hexdigest()

    def make(self):
        """Makes all layers; returns what is known of each."""
        everything = " ".join(PACKAGES.values())
        with ThreadPoolExecutor(2) as pool:
            made = {"large.gz": pool.submit(self.pack, "large.gz", GZIP, write_packages, everything),
                    "large.zst": pool.submit(self.pack, "large.zst", ZSTD, write_packages, everything)}
            for name, packages in PACKAGES.items():
                made[f"{name}.gz"] = pool.submit(self.pack, f"{name}.gz", GZIP, write_packages, packages)
            made["large.zst"].result()
            made["mixed.gz"] = pool.submit(self.pack, "mixed.gz", GZIP, write_mixed,
                                           self.directory / "large.zst")
            made["huge.gz"] = pool.submit(self.pack, "huge.gz", QUICK_GZIP, write_huge)
            made["huge.zst"] = pool.submit(self.pack, "huge.zst", QUICK_ZSTD, write_huge)
            known = {name: layer.result() for name, layer in made.items()}
        return {**known, "again.gz": self.date("again.gz", "large.gz", known["large.gz"])}

    def pack(self, name, compressor, write, *arguments):
        path = self.directory / name
        with open(path, "wb") as target, \
                subprocess.Popen(compressor, stdin=subprocess.PIPE, stdout=target) as process:
            with process.stdin as pipe:
                summing = Summing(pipe)
                with tarfile.open(fileobj=summing, mode="w|", bufsize=1 << 20) as tar:
                    write(tar, *arguments)
        if process.returncode != 0:
            raise RuntimeError(f"{compressor[0]}: exit code {process.returncode}")
        return {"size": path.stat().st_size, "digest": digest_of_file(path), "diff_id": summing.digest,
                "uncompressed": summing.size}

    def date(self, name, source, known):
        """The blob with a time in its gzip header, which gzip -n has left out."""
        path = self.directory / name
        shutil.copyfile(self.directory / source, path)
        with open(path, "r+b") as blob:
            blob.seek(4)  # RFC 1952, section 2.3: MTIME
            blob.write(b"\1\0\0\0")
        return {**known, "digest": digest_of_file(path)}
