#!/usr/bin/python3
"""Damaged, cut and hostile gzip and zstd, and what `digest` says of each: the digest of the bytes
always, the diff_id only where every byte was decompressed."""

import gzip
import hashlib
import struct
import subprocess
import tempfile
from pathlib import Path

from harness import run_layerproof
from tars import END, entry

import tap

MIB = 1 << 20
TAR = entry(b"file", b"content") + END
EMPTY_TAR = END


def zstd(data, *options):
    return subprocess.run(["zstd", "-qc", *options], input=data, check=True, timeout=60,
                          stdout=subprocess.PIPE).stdout


def skippable(content, kind=0):
    return struct.pack("<II", 0x184d2a50 + kind, len(content)) + content


def frame(window=None, *, descriptor=0, more=b"", blocks=b"\x01\0\0"):
    """RFC 8878 section 3.1.1: a frame by hand; its only block is empty. `window` is its byte."""
    return (b"\x28\xb5\x2f\xfd" + bytes([descriptor]) + (bytes([window]) if window is not None
            else b"") + more + blocks)


GZIP, ZSTD = gzip.compress(TAR, mtime=0), zstd(TAR)
HEADER = GZIP[:10]


def digest(blob):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layer"
        path.write_bytes(blob)
        result = run_layerproof("digest", path, timeout=300)
    (record,) = result.records
    tap.equal((record["digest"], record["size"]), (named(blob), len(blob)))
    return result.exit, record


def named(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def check_read(what, blob, tar, form, members):
    code, record = digest(blob)
    tap.equal(code, 0, what)
    tap.equal((record["format"], record.get("members", 0), record["diff_id"],
               record["uncompressed"]), (form, members, named(tar), len(tar)), what)
    assert "errors" not in record and "flags" not in record, what


def check_stopped(what, blob, form, code, message, exit_code=3):
    """Nothing is said of what was not decompressed whole."""
    ended, record = digest(blob)
    tap.equal((ended, record), (exit_code, {
        "digest": named(blob), "size": len(blob), "format": form,
        "errors": [{"code": code, "where": "blob", "message": message}]}), what)


READ = {
    "gzip, reserved flags": (GZIP[:3] + b"\xe0" + GZIP[4:], TAR, "gzip", 1),
    "gzip, zeros behind": (GZIP + bytes(100), TAR, "gzip", 1),
    "gzip, 20,000 empty members": (GZIP + gzip.compress(b"", mtime=0) * 20000, TAR, "gzip", 20001),
    "gzip, members of nothing": (gzip.compress(b"", mtime=0) * 3, b"", "gzip", 3),
    "gzip, the most that deflate can":
        (gzip.compress(bytes(64 * MIB), mtime=0), bytes(64 * MIB), "gzip", 1),
    "zstd, 20,000 empty frames": (ZSTD + zstd(b"") * 20000, TAR, "zstd", 20001),
    "zstd, 20,000 skippable frames": (skippable(b"") * 20000 + ZSTD, TAR, "zstd", 1),
    "zstd, every kind of skippable frame":
        (b"".join(skippable(b"x" * kind, kind) for kind in range(16)) + ZSTD, TAR, "zstd", 1),
    "zstd, a skippable frame alone": (skippable(b"table"), b"", "zstd", 0),
    "zstd, a window of 128 MiB": (frame(0x88) + ZSTD, TAR, "zstd", 2),
    "zstd, no checksum, no size": (zstd(TAR, "--no-check", "--no-content-size"), TAR, "zstd", 1),
}

STOPPED = {
    # gzip
    "junk behind": (GZIP + b"junk", "gzip", "malformed",
                    "gzip: bytes behind member 1 that are no member"),
    "junk behind zeros": (GZIP + bytes(9) + b"!", "gzip", "malformed",
                          "gzip: bytes behind member 1 that are no member"),
    "a member behind zeros": (GZIP + bytes(9) + GZIP, "gzip", "malformed",
                              "gzip: bytes behind member 1 that are no member"),
    "a cut second member": (GZIP + GZIP[:-9], "gzip", "malformed", "gzip member 2: ends early"),
    "a cut trailer": (GZIP[:-1], "gzip", "malformed", "gzip member 1: ends early"),
    "another method": (GZIP[:2] + b"\x07" + GZIP[3:], "gzip", "malformed",
                       "gzip member 1: compression method is not deflate"),
    "a wrong header checksum": (HEADER[:3] + b"\x02" + HEADER[4:] + b"\0\0" + GZIP[10:], "gzip",
                                "malformed", "gzip member 1: wrong header checksum"),
    "a wrong CRC": (GZIP[:-8] + b"\0\0\0\0" + GZIP[-4:], "gzip", "malformed",
                    "gzip member 1: wrong checksum or length"),
    "a wrong length": (GZIP[:-4] + b"\0\0\0\0", "gzip", "malformed",
                       "gzip member 1: wrong checksum or length"),
    "a block of no type": (HEADER + b"\x07" + bytes(9), "gzip", "malformed",
                           "gzip member 1: invalid deflate block"),
    "a distance before the start": (HEADER + b"\x03\x02" + bytes(9), "gzip", "malformed",
                                    "gzip member 1: deflate distance before the start"),
    # zstd
    "junk behind a frame": (ZSTD + b"junk", "zstd", "malformed",
                            "zstd: bytes behind frame 1 that are no frame"),
    "zeros behind a frame": (ZSTD + bytes(8), "zstd", "malformed",
                             "zstd: bytes behind frame 1 that are no frame"),
    "a gzip member behind a frame": (ZSTD + GZIP, "zstd", "malformed",
                                     "zstd: bytes behind frame 1 that are no frame"),
    "a cut frame": (ZSTD[:-1], "zstd", "malformed", "zstd frame 1: ends early"),
    "a cut skippable frame": (ZSTD + skippable(b"table")[:-1], "zstd", "malformed",
                              "zstd skippable frame behind frame 1: ends early"),
    "a skippable frame of 4 GiB": (ZSTD + skippable(b"")[:4] + b"\xff" * 4, "zstd", "malformed",
                                   "zstd skippable frame behind frame 1: ends early"),
    "a wrong checksum": (ZSTD[:-1] + bytes([ZSTD[-1] ^ 1]), "zstd", "malformed",
                         "zstd frame 1: wrong checksum"),
    "a reserved bit": (frame(0, descriptor=8), "zstd", "unsupported",
                       "zstd frame 1: Unsupported frame parameter"),
    "a reserved block": (frame(0, blocks=b"\x07\0\0"), "zstd", "malformed",
                         "zstd frame 1: Data corruption detected"),
    "a wrong content size": (frame(descriptor=0x20, more=b"\x05", blocks=b"\x19\0\0abc"),
                             "zstd", "malformed", "zstd frame 1: Data corruption detected"),
    "a dictionary": (frame(0, descriptor=1, more=b"\x07"), "zstd", "unsupported",
                     "zstd frame 1: Dictionary mismatch"),
    "a window of 144 MiB": (frame(0x89), "zstd", "over_limit",
                            "zstd frame 1: window of more than 128 MiB"),
    "a window of 144 MiB in a later frame":
        (ZSTD + frame(0x89), "zstd", "over_limit", "zstd frame 2: window of more than 128 MiB"),
    "zeros of more than 1,032 to 1": (zstd(bytes(64 * MIB)), "zstd", "over_limit",
                                      "34865152 bytes uncompressed: more than 1032 to 1 compressed"),
    "many frames of zeros": (zstd(bytes(MIB)) * 64, "zstd", "over_limit", ""),
}

UNKNOWN = {
    "bzip2": b"BZh91AY&SY", "xz": b"\xfd7zXZ\0\0", "lz4": b"\x04\x22\x4d\x18", "zip": b"PK\x03\x04",
    "compress": b"\x1f\x9d\x90", "squashfs": b"hsqs", "7-Zip": b"7z\xbc\xaf\x27\x1c",
    "JSON": b'{"errors":[]}', "HTML or XML": b"<!doctype html>", "lzip": b"LZIP\x01",
    "cpio": b"070701", "ar": b"!<arch>\n", "ELF": b"\x7fELF",
}


def test_what_is_read():
    for what, (blob, tar, form, members) in READ.items():
        check_read(what, blob, tar, form, members)


def test_what_is_not_read_to_its_end():
    for what, (blob, form, code, message) in STOPPED.items():
        if message:
            check_stopped(what, blob, form, code, message)
        else:
            ended, record = digest(blob)
            tap.equal((ended, record["errors"][0]["code"]), (3, code), what)
            assert "diff_id" not in record


def test_formats_that_are_not_read():
    for name, start in UNKNOWN.items():
        check_stopped(name, start + bytes(600), "unknown", "unsupported",
                      f"looks like {name}: not gzip, zstd or tar", exit_code=0)
    for what, blob in {"a cut magic": b"\x1f", "half a magic": b"\x28\xb5\x2f", "noise": b"\xa5" * 900,
                       "an old frame of zstd 0.7": b"\x27\xb5\x2f\xfd" + bytes(20)}.items():
        check_stopped(what, blob, "unknown", "unsupported", "not gzip, zstd or tar", exit_code=0)


def test_no_bytes_and_no_tar():
    ended, record = digest(b"")
    tap.equal((ended, record["format"], record["diff_id"], record["empty"]),
              (0, "empty", named(b""), True))
    text = b"no tar at all, however long it may be" * 100
    for blob, form in ((gzip.compress(text), "gzip"), (zstd(text), "zstd")):
        ended, record = digest(blob)
        tap.equal((ended, record["format"], record["diff_id"], record["errors"]),
                  (3, form, named(text), [{"code": "malformed", "where": "tar", "message":
                                           "tar entry 1: Unrecognized archive format"}]))


tap.main(globals())
