"""The images of acme, and the public ones they stand on: files of real Debian packages, and small
programs and data of our own on top.

The packages are some of those that tests/deps installs, so nothing is downloaded.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from oci import Recipe, digest_of, has_content, layer, make_index

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bench"))

from layers import files_of  # noqa: E402

LEFT_OUT = ("/usr/share/doc/", "/usr/share/man/", "/usr/share/lintian/", "/usr/share/locale/")


# ---- Layers of others: what Debian packages have installed ----

def files(*packages):
    """{path: entry} of what packages have put here, without documentation and folders. What they list
    in /bin or /lib is in /usr, where these are links to."""
    entries = {}
    for name in sorted({name for package in packages for name in files_of(package)}):
        path = Path(name)
        if name.startswith(LEFT_OUT) or not (path.is_symlink() or path.is_file()):
            continue
        content = str(path.readlink()) if path.is_symlink() else path.read_bytes()
        place = path.parent.resolve() / path.name
        entries[str(place).lstrip("/")] = (content, 0o755 if os.access(path, os.X_OK) else 0o644)
    return entries


def run_step(command):
    return f"RUN /bin/sh -c {command} # buildkit"


def copy_step(what):
    return f"COPY {what} # buildkit"


# ---- Layers of our own ----

WORDS = "account batch cursor debit entry fee gross hold invoice journal key ledger margin net order".split()


def table(seed, rows):
    """A table of invented data, the same for the same seed."""
    draw = random.Random(seed)
    return "".join(f"{number},{draw.choice(WORDS)}-{draw.getrandbits(64):016x},{draw.randrange(10**6)}\n"
                   for number in range(rows)).encode()


def program(name):
    """A program in C that prints its name and a key that nobody else has."""
    text = f'#include <stdio.h>\nint main(void) {{ return puts("{name} {digest_of(name.encode())}") < 0; }}\n'
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["gcc", "-O2", "-s", "-x", "c", "-", "-o", f"{folder}/it"], input=text.encode(), check=True)
        return (Path(folder) / "it").read_bytes()


def script(name, rows):
    """A shell script with its data behind it."""
    return b"#!/bin/sh\n# " + name.encode() + b"\nsed -n '/^$/,$p' \"$0\"\nexit\n\n" + table(name, rows)


def own_layer(name, rows, *, compiled=False):
    """A layer of an application: its program or script, and a table."""
    entries = {f"srv/{name}": True, f"srv/{name}/data.csv": table(f"{name} data", rows),
               f"srv/{name}/run": (program(name) if compiled else script(name, 20), 0o755)}
    return layer(entries, copy_step(f". /srv/{name}"))


@dataclass
class Materials:
    """Every layer that images here are made of. `strangers` are theirs, by name."""

    debian: object = None
    busybox: object = None
    strangers: dict = field(default_factory=dict)

    def __post_init__(self):
        self.debian = layer(files("base-files", "dash", "grep", "sed"),
                            "# debian.sh --arch 'amd64' out/ 'bookworm' '@1772442000'")
        self.busybox = layer(files("busybox", "netbase"), "ADD busybox-rootfs.tar.gz / # buildkit")
        self.jq = layer(files("jq", "libjq1", "libonig5"), run_step("apt-get install -y jq"))
        self.mawk = layer(files("mawk"), run_step("apt-get install -y mawk"))
        self.openssl = layer(files("openssl"), run_step("apt-get install -y openssl"))
        self.nginx = layer(files("nginx-light", "nginx-common"), run_step("apk add nginx"))
        self.pigz = layer({"usr/local/bin/pigz": files("pigz")["usr/bin/pigz"]},
                          copy_step("--link /usr/bin/pigz /usr/local/bin/pigz"))
        # As distroless has it: a layer for each package, the same in every image of the family.
        self.family = [layer(files(name), f"bazel build //{name}") for name in ("base-files", "netbase", "gzip")]
        self.family_files, _, self.family_gzip = self.family
        self.zstd = layer({"usr/local/bin/zstd": files("zstd")["usr/bin/zstd"]},
                          copy_step("--link /usr/bin/zstd /usr/local/bin/zstd"))
        self.zopfli = layer({"zopfli": files("zopfli")["usr/bin/zopfli"]}, copy_step("zopfli /"))
        self.directory = layer({"srv": True, "srv/payments": True}, "WORKDIR /srv/payments")
        self.settings = layer({"etc/payments/settings.ini": table("settings", 20)},
                              copy_step("settings.ini /etc/payments/"))
        self.vendor = own_layer("vendor", 4000)
        self.api = own_layer("api", 600, compiled=True)
        self.worker = own_layer("worker", 500, compiled=True)
        self.reports = own_layer("reports", 400)
        self.gateway = own_layer("gateway", 300, compiled=True)
        self.gateway_arm = own_layer("gateway-arm64", 300)
        self.ledger = own_layer("ledger-check", 300, compiled=True)
        self.proxy = own_layer("proxy", 300, compiled=True)
        self.relay = own_layer("relay", 300)
        self.site = own_layer("site", 300)
        self.signer = own_layer("signer", 300)
        self.scanner = own_layer("scanner", 300)

    def stranger(self, name):
        """The application of a stranger."""
        if name not in self.strangers:
            self.strangers[name] = own_layer(f"stranger-{name}", 250)
        return self.strangers[name]

    def own_diff_ids(self):
        """Of the layers of our own work that hold content: what must be recognised."""
        own = [self.settings, self.vendor, self.api, self.worker, self.reports, self.gateway,
               self.gateway_arm, self.ledger, self.proxy, self.relay, self.site, self.signer, self.scanner]
        assert all(has_content(each.tar) for each in own) and not has_content(self.directory.tar)
        return {digest_of(each.tar) for each in own}


# ---- Images ----

def labels(repository):
    """Configuration of an application of acme."""
    return {"Entrypoint": ["/srv/run"], "Labels": {
        "org.opencontainers.image.vendor": "acme",
        "org.opencontainers.image.source": f"https://git.acme.example/{repository}"}}


class Corpus:
    """`internal`: {name in acme's registry: Recipe, or [Recipe] of an index}; `public`: {name: Recipe};
    with or without history in every configuration."""

    def __init__(self, materials, with_history):
        self.materials, self.with_history = materials, with_history
        of = materials
        self.internal = {
            "payments/api:1.4.2": self.recipe([of.debian, of.jq, of.directory, of.settings, of.vendor, of.api],
                                              labels("payments/api")),
            "payments/worker:1.4.2": self.recipe([of.debian, of.mawk, of.worker], labels("payments/worker")),
            "payments/reports:7": self.recipe([of.debian, of.mawk, of.reports], labels("payments/reports")),
            "payments/gateway:2.0": [
                self.recipe([of.debian, of.gateway], labels("payments/gateway")),
                self.recipe([of.busybox, of.gateway_arm], labels("payments/gateway"), platform="linux/arm64")],
            "tools/ledger-check:0.9": self.recipe([of.ledger], labels("tools/ledger-check")),
            "edge/proxy:3": self.recipe([of.debian, of.pigz, of.proxy], labels("edge/proxy")),
            "edge/relay:3": self.recipe([of.debian, of.relay, of.zstd], labels("edge/relay")),
            "web/site:5": self.recipe([of.busybox, of.nginx, of.site], labels("web/site")),
            "docker-hub/library/nginx:1.22": self.recipe([of.busybox, of.nginx]),
            "oss/zopfli:1": self.recipe([of.zopfli]),
            "platform/openssl-base:3": self.recipe([of.debian, of.openssl]),
            "tools/scanner:1": self.recipe([*of.family, of.scanner], labels("tools/scanner")),
            "platform/signer:2": self.recipe([of.debian, of.openssl, of.signer], labels("platform/signer")),
        }
        self.debian = {"library/debian:12-slim": self.recipe([of.debian])}
        self.public = {
            **self.debian,
            "library/busybox:1": self.recipe([of.busybox]),
            "library/jq:1.6": self.recipe([of.debian, of.jq]),
            "library/mawk:1.3": self.recipe([of.debian, of.mawk]),
            "library/openssl:3": self.recipe([of.debian, of.openssl]),
            "library/pigz:2.6": self.recipe([of.pigz]),
            "library/zstd:1.5": self.recipe([of.zstd]),
            "distroless/gzip:12": self.recipe(of.family),
        }

    def own_stacks(self):
        """[[diff_id]] of the layers with content of each image of acme's own."""
        recipes = [recipe for name, of in self.internal.items() if not name.startswith(("docker-hub/", "oss/"))
                   for recipe in (of if isinstance(of, list) else [of])]
        return [[digest_of(each.tar) for each in recipe.layers if each is not self.materials.directory]
                for recipe in recipes]

    def recipe(self, layers, settings=None, **more):
        return Recipe(tuple(layers), settings or {}, with_history=self.with_history, **more)


def build(recipe):
    """What is pushed: an image, or an index of platforms with attestations, as BuildKit makes it."""
    if isinstance(recipe, Recipe):
        return recipe.image()
    return make_index([(each.image(), each.platform) for each in recipe], attested=True)


def export_rows(name, image):
    """[(name, digest, config)] that a CSPM shows: of an index one row, and one for each platform."""
    if not image.manifests:
        return [(name, image.digest, digest_of(image.config))]
    rows = [(name, image.digest, "")]
    for digest, (document, _) in image.manifests.items():
        manifest = json.loads(document)
        if not manifest["layers"][0]["mediaType"].startswith("application/vnd.in-toto"):
            rows.append((name, digest, manifest["config"]["digest"]))
    return rows
