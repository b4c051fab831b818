"""Writes blobs into the working directory, byte by byte, so that no version of tar, gzip or zstd
changes them.

    python3 blobs.py good|damaged|files
"""

import io
import struct
import sys
import tarfile
import zlib
from pathlib import Path

BLOCK = 512


# ---- tar ----

def header(name, kind=tarfile.REGTYPE, **members):
    member = tarfile.TarInfo(name)
    member.type = kind
    for key, value in members.items():
        setattr(member, key, value)
    return member


def tar(*members, form=tarfile.USTAR_FORMAT, end=True):
    """`members`: TarInfo, or TarInfo and bytes; bytes alone stand as they are."""
    out = b""
    for member in members:
        if isinstance(member, bytes):
            out += member
            continue
        info, content = member if isinstance(member, tuple) else (member, b"")
        if content:
            info.size = len(content)
        out += info.tobuf(form, errors="surrogateescape") + padded(content)
    return out + bytes(2 * BLOCK if end else 0)


def padded(content):
    return content + bytes(-len(content) % BLOCK)


def signed(block):
    """A header with its checksum anew."""
    block = block[:148] + b" " * 8 + block[156:]
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


PLAIN = tar(header("etc", tarfile.DIRTYPE, mode=0o755), (header("etc/motd"), b"hello\n"))


# ---- gzip (RFC 1952), in stored blocks ----

def stored(data):
    out = b""
    for at in range(0, len(data) or 1, 0xffff):
        piece = data[at:at + 0xffff]
        out += struct.pack("<BHH", at + len(piece) == len(data), len(piece), len(piece) ^ 0xffff) + piece
    return out


def gzip(data, flags=0, fields=b"", crc=0, length=0):
    """`crc` and `length` are added to what would be right."""
    trailer = struct.pack("<II", (zlib.crc32(data) + crc) & 0xffffffff, len(data) + length)
    return b"\x1f\x8b\x08" + bytes([flags]) + bytes(5) + b"\xff" + fields + stored(data) + trailer


def gzip_with_fields(data):
    """All the header may have: extra, name, comment and its own checksum."""
    fields = b"\x04\0ab\0\0" + b"layer.tar\0" + b"a comment\0"
    begin = b"\x1f\x8b\x08\x1e" + bytes(5) + b"\xff" + fields
    return gzip(data, 0x1e, fields + struct.pack("<H", zlib.crc32(begin) & 0xffff))


# ---- zstd (RFC 8878), in raw and RLE blocks ----

def zstd(data, descriptor=0xa0, tail=b""):
    """One raw block; single segment, its size in four bytes."""
    return (b"\x28\xb5\x2f\xfd" + bytes([descriptor]) + struct.pack("<I", len(data)) +
            struct.pack("<I", len(data) << 3 | 1)[:3] + data + tail)


def zstd_of_zeros(blocks):
    """A window of 128 KiB, and blocks of as many zeros."""
    run = struct.pack("<I", (128 << 10) << 3 | 2)[:3] + b"\0"
    last = struct.pack("<I", (128 << 10) << 3 | 3)[:3] + b"\0"
    return b"\x28\xb5\x2f\xfd\x00\x38" + run * (blocks - 1) + last


def skippable(data):
    return b"\x50\x2a\x4d\x18" + struct.pack("<I", len(data)) + data


# ---- The blobs ----

def good():
    half = len(PLAIN) // 2
    return {
        "plain.tar": PLAIN,
        "zeros.tar": bytes(2 * BLOCK),
        "no-bytes": b"",
        "one.gz": gzip(PLAIN),
        "fields.gz": gzip_with_fields(PLAIN),
        "three.gz": gzip(PLAIN[:half]) + gzip(b"") + gzip(PLAIN[half:]),
        "zeros-behind.gz": gzip(PLAIN) + bytes(1000),
        "no-bytes.gz": gzip(b""),
        "one.zst": zstd(PLAIN),
        "skippable.zst": (skippable(b"") + zstd(PLAIN[:half]) + skippable(b"a table of contents") +
                          zstd(PLAIN[half:]) + skippable(b"end")),
        "only-skippable.zst": skippable(b"nothing else"),
        "unknown.xz": b"\xfd7zXZ\0\0\x04",
        "unknown.bz2": b"BZh91AY&SY",
        "unknown.zip": b"PK\x03\x04" + bytes(26),
        "unknown.json": b'{"schemaVersion": 2}\n',
        "unknown.text": b"some words\n",
        "unknown.byte": b"\x1f",
    }


def damaged():
    one, frame, motd = gzip(PLAIN), zstd(PLAIN), header("etc/motd", size=6)
    second = signed(motd.tobuf(tarfile.USTAR_FORMAT))
    return {
        "cut-in-header.gz": one[:5],
        "cut-in-data.gz": one[:700],
        "cut-in-trailer.gz": one[:-3],
        "crc.gz": gzip(PLAIN, crc=1),
        "length.gz": gzip(PLAIN, length=1),
        "junk-behind.gz": one + b"junk",
        "second-cut.gz": one + one[:100],
        "not-a-tar.gz": gzip(b"some words, but not a tar\n" * 40),
        "cut.zst": frame[:700],
        "checksum.zst": zstd(PLAIN, 0xa4, b"nope"),
        "junk-behind.zst": frame + b"junk",
        "window.zst": b"\x28\xb5\x2f\xfd\x00\xff\x01\0\0",
        "dictionary.zst": b"\x28\xb5\x2f\xfd\x21\x07\0" + frame[8:],
        "bomb.zst": zstd_of_zeros(300),
        "header.tar": tar((header("a"), b"a"), second[:20] + b"x" + second[21:], b"hello\n", end=False),
        "cut.tar": PLAIN[:1026],
        "behind.tar": PLAIN + bytes(512) + b"more\n",
        "no-end.tar": PLAIN[:-2 * BLOCK],
    }


def main():
    blobs = {"good": good, "damaged": damaged}[sys.argv[1]]()
    for name, data in blobs.items():
        Path(name).write_bytes(data)


main()
