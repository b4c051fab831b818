#!/usr/bin/python3
"""`digest` of what other programs write, in pipes that break, and under signals."""

import gzip
import hashlib
import json
import os
import signal
import subprocess
import tempfile
from pathlib import Path

from harness import program_path, run_layerproof, run_program
from images import pack_tar
from running import Running

import tap

TAR = pack_tar({f"usr/share/doc/{number}": os.urandom(200) for number in range(500)})
BLOB = gzip.compress(TAR)


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def expected(blob=BLOB, tar=TAR, **more):
    return {"digest": sha256(blob), "size": len(blob), "format": "gzip", "members": 1,
            "diff_id": sha256(tar), "uncompressed": len(tar), "entries": 500, "empty": False, **more}


def test_pipe_that_stands_still():
    """Nothing is missed where a writer makes pauses."""
    with Running("digest", "-") as run:
        for at in range(0, len(BLOB), 20_000):
            run.process.stdin.write(BLOB[at:at + 20_000])
            run.process.stdin.flush()
        ended = run.finish()
    tap.equal((ended.exit, ended.stderr, ended.records), (0, "", [expected()]))


def interrupted(number, code):
    with Running("digest", "-") as run:
        run.process.stdin.write(BLOB[:70_000])
        run.process.stdin.flush()
        run.wait_for(lambda: waits_for_input(run.process.pid), "to be waited for")
        run.signal(number)
        ended = run.wait(timeout=20)
    tap.equal((ended.exit, ended.stdout, ended.stderr), (code, "", ""))


def waits_for_input(pid):
    return "poll" in Path(f"/proc/{pid}/wchan").read_text()


def test_interrupt():
    interrupted(signal.SIGINT, 130)


def test_termination():
    interrupted(signal.SIGTERM, 143)


def test_closed_output_ends_quietly():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layer"
        path.write_bytes(BLOB)
        read_end, write_end = os.pipe()
        os.close(read_end)
        ended = subprocess.run([program_path(), "digest", path], stdout=write_end,
                               stderr=subprocess.PIPE, check=False, timeout=60)
        os.close(write_end)
    tap.equal((ended.returncode, ended.stderr), (-signal.SIGPIPE, b""))


tap.main(globals())
