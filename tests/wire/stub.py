"""A registry that serves what it is given, and misbehaves as it is told."""

import json
import re

from images import OCI_MANIFEST, digest_of
from recorder import Recorder, Reply

DOCUMENT = re.compile(r"^/v2/(?P<repository>.+)/(?P<kind>manifests|blobs)/(?P<name>[^/]+)$")
TAGS = re.compile(r"^/v2/(?P<repository>.+)/tags/list$")
RANGE = re.compile(r"^bytes=(\d+)-(\d*)$")


def error_reply(status, code, message="", headers=None):
    """An error body as distribution-spec section "Error Codes" has it."""
    body = json.dumps({"errors": [{"code": code, "message": message or code.lower()}]}).encode()
    return Reply(status, {"Content-Type": "application/json", **(headers or {})}, body)


class StubRegistry(Recorder):
    """Serves documents and blobs by the pull half of the distribution API; no login.

    `script(path, reply...)` overrides what a path answers: the replies are given in turn, and the
    last one again and again; a reply of None is the usual answer. A reply may be a function from
    Request to Reply.
    """

    def __init__(self, **how):
        super().__init__(**how)
        self.documents, self.blobs, self.scripts = {}, {}, {}

    def put_manifest(self, repository, reference, body, media_type=OCI_MANIFEST):
        """Serves `body` under a tag (or None) and under its digest, which is returned."""
        digest = digest_of(body)
        for name in filter(None, (reference, digest)):
            self.documents[repository, name] = (body, media_type)
        return digest

    def put_blob(self, repository, body, digest=None):
        """Serves `body` under its digest, or under a false one; returns that digest."""
        digest = digest or digest_of(body)
        self.blobs[repository, digest] = body
        return digest

    def put_image(self, repository, tag, image):
        """Serves an image of images.py with all that belongs to it; returns its digest."""
        for blob in image.blobs.values():
            self.put_blob(repository, blob)
        for body, media_type in image.manifests.values():
            self.put_manifest(repository, None, body, media_type)
        return self.put_manifest(repository, tag, image.document, image.media_type)

    def script(self, path, *replies, method=None):
        self.scripts[path, method] = list(replies)

    def answer(self, request):
        with self.lock:
            queue = self.scripts.get((request.path, request.method)) \
                or self.scripts.get((request.path, None)) or [None]
            reply = queue.pop(0) if len(queue) > 1 else queue[0]
        if callable(reply):
            reply = reply(request)
        return reply or self.usual(request)

    def usual(self, request):
        if request.method not in ("GET", "HEAD"):
            return error_reply(405, "UNSUPPORTED")
        if request.path == "/v2/":
            return Reply(200, {"Content-Type": "application/json"}, b"{}")
        if tags := TAGS.match(request.path):
            return self.tags_of(tags["repository"])
        if not (document := DOCUMENT.match(request.path)):
            return error_reply(404, "NAME_UNKNOWN")
        key = (document["repository"], document["name"])
        if document["kind"] == "manifests":
            return self.manifest(key)
        return self.blob(key, request)

    def tags_of(self, repository):
        names = sorted(name for held, name in self.documents
                       if held == repository and ":" not in name)
        return Reply(200, {"Content-Type": "application/json"},
                     json.dumps({"name": repository, "tags": names}).encode())

    def manifest(self, key):
        if key not in self.documents:
            return error_reply(404, "MANIFEST_UNKNOWN")
        body, media_type = self.documents[key]
        return Reply(200, {"Content-Type": media_type, "Docker-Content-Digest": digest_of(body)},
                     body)

    def blob(self, key, request):
        if key not in self.blobs:
            return error_reply(404, "BLOB_UNKNOWN")
        body = self.blobs[key]
        headers = {"Content-Type": "application/octet-stream", "Docker-Content-Digest": key[1],
                   "Accept-Ranges": "bytes"}
        wanted = RANGE.match(request.header("Range") or "")
        if not wanted:
            return Reply(200, headers, body)
        first, last = int(wanted[1]), int(wanted[2] or len(body) - 1)
        if first >= len(body):
            return Reply(416, {"Content-Range": f"bytes */{len(body)}"})
        part = body[first:last + 1]
        headers["Content-Range"] = f"bytes {first}-{first + len(part) - 1}/{len(body)}"
        return Reply(206, headers, part)
