"""A scanner's export of two gigabytes, shaped as Prisma Cloud Compute's: one JSON array of images, each
with everything the scanner found in it. All of it is synthetic.

Made once, from a generator with a fixed seed, into a folder that is kept.
"""

import hashlib
import json
import random
import shutil
from pathlib import Path

BYTES = 2_000_000_000
IMAGES_AT_ONCE = 64
BASES = 40  # images that others were built from
BASE_LAYERS, OWN_LAYERS = 5, 7
KINDS_OF_FINDING, KINDS_OF_PACKAGE = 2000, 4000
FINDINGS = (50, 400)
GREAT_FINDINGS, GREAT_STEP = 8000, 500  # every so many images one has so many findings: some 8 MB
PACKAGES = (100, 400)
SEVERITIES = ("low", "medium", "high", "critical")
WORDS = ("allows a remote attacker to read memory out of bounds by a crafted archive in the \\\"extract\\\" "
         "function when a name is longer than 4096 bytes; an integer overflow in parse_header() leads to "
         "denial of service").split(" ")


def digest(generator):
    return f"sha256:{generator.randbytes(32).hex()}"


def finding(generator, number):
    text = " ".join(generator.choices(WORDS, k=generator.randrange(20, 80)))
    severity = generator.choice(SEVERITIES)
    return (f'{{"text":"","id":46,"severity":"{severity}","cvss":{generator.randrange(10, 100) / 10},'
            f'"status":"fixed in 1.{number}","cve":"CVE-2026-{10000 + number}","cause":"","description":"{text}",'
            '"title":"","vecStr":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N","exploit":"",'
            '"riskFactors":{"Attack complexity: low":{},"Attack vector: network":{},"Has fix":{}},'
            f'"link":"https://security.example/CVE-2026-{10000 + number}",'
            f'"type":"{generator.choice(("image", "python", "nodejs"))}","packageName":"package{number % 700}",'
            f'"packageVersion":"1.{number % 90}","layerTime":1759650000,"templates":[],"twistlock":false,'
            f'"published":1750000000,"discovered":"0001-01-01T00:00:00Z","applicableRules":["<1.{number}"]}}')


def package(generator, number):
    return (f'{{"version":"1.{number % 90}","name":"package{number}","cveCount":{number % 7},'
            f'"license":"Apache-2.0","layerTime":{1759650000 + generator.randrange(1000)}}}')


class Maker:
    """Images as text, and the digests that are in them."""

    def __init__(self):
        self.generator = random.Random(4)
        self.findings = [finding(self.generator, number) for number in range(KINDS_OF_FINDING)]
        self.packages = [package(self.generator, number) for number in range(KINDS_OF_PACKAGE)]
        self.bases = [[digest(self.generator) for _ in range(BASE_LAYERS)] for _ in range(BASES)]
        self.images, self.digests = 0, set()

    def image(self):
        number = self.images
        self.images += 1
        layers = self.bases[number % BASES] + [digest(self.generator) for _ in range(OWN_LAYERS)]
        name, top, config = f"team{number % 40}/app{number % 1500}", digest(self.generator), digest(self.generator)
        self.digests |= {top, config, *layers}
        count = self.generator.randrange(*FINDINGS) if number % GREAT_STEP else GREAT_FINDINGS
        findings = ",".join(self.generator.choices(self.findings, k=count))
        packages = ",".join(self.generator.choices(self.packages, k=self.generator.randrange(*PACKAGES)))
        history = ",".join(f'{{"created":1759650000,"instruction":"COPY file in /srv/{at}","sizeBytes":{at}000,'
                           f'"id":"{layer}"}}' for at, layer in enumerate(layers))
        tag = f'{{"registry":"registry.corp.example","repo":"{name}","tag":"{number}"}}'
        listed = ",".join(f'"{layer}"' for layer in layers)
        return (f'{{"_id":"{config}","type":"registry","hostname":"","scanTime":"2026-10-05T08:15:30.123Z",'
                f'"distro":"Debian GNU/Linux 12 (bookworm)","packages":[{{"pkgsType":"package","pkgs":[{packages}]}}],'
                f'"image":{{}},"history":[{history}],"id":"{config}","vulnerabilities":[{findings}],'
                f'"repoTag":{tag},"tags":[{tag}],"repoDigests":["registry.corp.example/{name}@{top}"],'
                f'"vulnerabilitiesCount":{count},"layers":[{listed}],"topLayer":"{layers[-1]}","trustStatus":""}}')


class ExportData:
    """`path`, with `images` images of `digests` distinct digests; an earlier run's is taken as it is."""

    def __init__(self, directory):
        self.path = Path(directory) / "images.json"
        notes = Path(directory) / "made.json"
        recipe = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
        known = json.loads(notes.read_text()) if notes.exists() else {}
        if known.get("recipe") != recipe:
            print(f"making an export of {BYTES / 1e9:g} GB", flush=True)
            shutil.rmtree(directory, ignore_errors=True)
            Path(directory).mkdir(parents=True)
            maker = self.make()
            known = {"recipe": recipe, "images": maker.images, "digests": len(maker.digests)}
            notes.write_text(json.dumps(known))
        self.images, self.digests = known["images"], known["digests"]

    def make(self):
        maker, size = Maker(), 0
        with open(self.path, "w", encoding="ascii") as file:
            while size < BYTES:
                file.write("[\n" if size == 0 else ",\n")
                size += file.write(",\n".join(maker.image() for _ in range(IMAGES_AT_ONCE)))
            file.write("\n]\n")
        return maker
