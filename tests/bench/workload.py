"""What the benchmarks check: many images, each with a manifest and a config of its own on common
layers, and the servers that hold them."""

import http.client
import json
import sys
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "wire"))

from harness import Server, nginx_command  # noqa: E402
from images import OCI_CONFIG, build_image, describe, digest_of, to_json  # noqa: E402

LAYERS = 5
REPOSITORIES = 10
UPLOADS_AT_ONCE = 4

# As long as the lines of a usual Dockerfile.
STEPS = ["ADD rootfs.tar.xz / # buildkit", 'CMD ["bash"]', "ENV PATH=/usr/local/bin:/usr/bin:/bin",
         "RUN /bin/sh -c set -eux; apt-get update; apt-get install -y --no-install-recommends "
         "ca-certificates curl netbase tzdata; rm -rf /var/lib/apt/lists/* # buildkit",
         "COPY requirements.txt /app/ # buildkit",
         "RUN /bin/sh -c pip install --no-cache-dir -r /app/requirements.txt # buildkit",
         "COPY src /app/src # buildkit", "COPY entrypoint.sh / # buildkit", "WORKDIR /app",
         'ENTRYPOINT ["/entrypoint.sh"]']


@dataclass
class Entry:
    """One reference: where it is, its manifest and its config."""

    repository: str
    tag: str
    manifest: bytes
    media_type: str
    config: bytes

    @property
    def manifest_path(self):
        return f"/v2/{self.repository}/manifests/{self.tag}"

    @property
    def config_path(self):
        return f"/v2/{self.repository}/blobs/{digest_of(self.config)}"


def make_base():
    layers = [{f"app/part-{number}": f"part {number}\n".encode() * 64} for number in range(LAYERS)]
    is_empty = [step.startswith(("CMD", "ENV", "WORKDIR", "ENTRYPOINT")) for step in STEPS]
    return build_image(layers, config={
        "created": "2026-01-01T00:00:00Z",
        "config": {"Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"],
                   "Entrypoint": ["/entrypoint.sh"], "WorkingDir": "/app"},
        "history": [{"created": "2026-01-01T00:00:00Z", "created_by": step,
                     **({"empty_layer": True} if empty else {})}
                    for step, empty in zip(STEPS, is_empty)]})


def make_entry(base, number):
    """The base with a label of its own, so that no digest but those of its layers is met twice."""
    config = json.loads(base.config)
    config["config"]["Labels"] = {"org.opencontainers.image.version": f"1.0.{number}"}
    config = to_json(config)
    manifest = {**base.parsed, "config": describe(config, OCI_CONFIG)}
    return Entry(f"bench/repository-{number % REPOSITORIES}", f"tag-{number}", to_json(manifest),
                 base.media_type, config)


def make_entries(count):
    """The base image, whose layers all have, and `count` entries."""
    base = make_base()
    return base, [make_entry(base, number) for number in range(count)]


class Uploader:
    """One connection to a registry that takes what is pushed."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection(server.address)

    def send(self, method, path, data=b"", media_type="application/octet-stream"):
        self.connection.request(method, path, body=data, headers={"Content-Type": media_type})
        answer = self.connection.getresponse()
        answer.read()
        if answer.status not in (201, 202):
            raise RuntimeError(f"{method} {path}: {answer.status}")
        return answer.headers.get("Location", "")

    def put_blob(self, repository, data):
        target = urllib.parse.urlsplit(self.send("POST", f"/v2/{repository}/blobs/uploads/"))
        self.send("PUT", f"{target.path}?{target.query}&digest={digest_of(data)}", data)

    def put_entry(self, entry):
        self.put_blob(entry.repository, entry.config)
        self.send("PUT", entry.manifest_path, entry.manifest, entry.media_type)


def push(server, base, entries):
    """Fills a docker-registry."""
    first = Uploader(server)
    for repository in sorted({entry.repository for entry in entries}):
        for digest in base.layers:
            first.put_blob(repository, base.blobs[digest])

    def push_some(start):
        uploader = Uploader(server)
        for entry in entries[start::UPLOADS_AT_ONCE]:
            uploader.put_entry(entry)

    with ThreadPoolExecutor(UPLOADS_AT_ONCE) as pool:
        list(pool.map(push_some, range(UPLOADS_AT_ONCE)))


# One worker, as a registry on one core would be, and nothing between the request and the file.
HTTP = "access_log off; keepalive_requests 1000000000; tcp_nodelay on; types { }"
SERVER_TEMPLATE = """
    listen 127.0.0.1:{port} {tls};
    {certificates}
    root {directory}/tree;
    location ~ /manifests/ {{ default_type application/vnd.oci.image.manifest.v1+json; }}
    location ~ /blobs/ {{ default_type application/octet-stream; }}
"""


class StaticTree(Server):
    """nginx over a tree of files: a registry that costs next to nothing. With an `authority` it
    speaks TLS, and HTTP/2 when asked."""

    def __init__(self, entries, *, authority=None):
        super().__init__()
        self.certificates = ""
        if authority:
            self.scheme = "https"
            certificate, key = authority.issue(("127.0.0.1",))
            self.certificates = f"ssl_certificate {certificate}; ssl_certificate_key {key};"
        for entry in entries:
            self.write(entry.manifest_path, entry.manifest)
            self.write(entry.config_path, entry.config)

    def write(self, path, data):
        file = self.directory / "tree" / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)

    def command(self):
        return nginx_command(self.directory, SERVER_TEMPLATE.format(
            directory=self.directory, port=self.port, certificates=self.certificates,
            tls="ssl http2" if self.certificates else ""), HTTP)
