"""Writes blobs into the working directory, byte by byte, so that no version of tar, gzip or zstd
changes them.

    python3 blobs.py good|damaged|files|odd
"""

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


def kinds():
    """All that an entry may be; only regular files have content."""
    return tar(
        header("bin", tarfile.DIRTYPE, mode=0o755),
        (header("bin/sudo", mode=0o4755), b"sudo\n"),
        (header("bin/contiguous", tarfile.CONTTYPE, mode=0o755), b"old\n"),
        header("bin/su", tarfile.LNKTYPE, linkname="bin/sudo", mode=0o4755),
        header("bin/doas", tarfile.SYMTYPE, linkname="sudo"),
        header("dev/null", tarfile.CHRTYPE, devmajor=1, devminor=3),
        header("dev/loop0", tarfile.BLKTYPE, devmajor=7),
        header("run/initctl", tarfile.FIFOTYPE),
        header("etc/empty", mode=0),
        header("etc/.wh.motd"),
        header("srv/.wh..wh..opq"))


def names():
    """Long ones, in both ways of writing them, and odd ones."""
    odd = [b"./in/front", b"/in/front/too", b"caf\xe9", b"caf\xef\xbf\xbd", b"caf\xea", "caf\u00e9".encode(),
           b"two\nlines", b"\x1b[2Jscreen", b'"quoted"', b"back\\slash", b"a//b/../c", b" ", b"\xe2\x80\xaereversed"]
    members = [(header(name.decode("utf-8", "surrogateescape")), b"%d" % number)
               for number, name in enumerate(odd)]
    long = "/".join(["directory" * 5] * 6)
    return (tar(*members, form=tarfile.GNU_FORMAT, end=False) +
            tar((header(f"{long}/gnu"), b"gnu"), form=tarfile.GNU_FORMAT, end=False) +
            tar((header(f"{long}/pax"), b"pax"), (header("pax-caf\u00e9"), b"composed"),
                (header("pax-cafe\u0301"), b"decomposed"), (header("e\u0301" * 50), b"long, decomposed"),
                (header("short", pax_headers={"path": "said/by/pax"}), b"path"), form=tarfile.PAX_FORMAT))


def octal(number, size=12):
    return b"%0*o\0" % (size - 1, number)


def sparse():
    """A hole, "middle", a hole: as old GNU tar writes it, and as PAX 1.0."""
    block = bytearray(header("old-gnu", size=6).tobuf(tarfile.GNU_FORMAT))
    block[156:157] = b"S"
    block[386:386 + 48] = octal(4096) + octal(6) + octal(10000) + octal(0)
    block[483:495] = octal(10000)
    table = padded(b"2\n4096\n6\n10000\n0\n")
    pax = header("GNUSparseFile.0/pax", pax_headers={
        "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "e\u0301",
        "GNU.sparse.realsize": "10000"})
    return (signed(bytes(block)) + padded(b"middle") +
            tar((pax, table + b"middle"), form=tarfile.PAX_FORMAT))


def files():
    return {"kinds.tar": kinds(), "names.tar": names(), "sparse.tar": sparse()}


def pax_header(records):
    """An extended header alone, for whatever entry follows."""
    text = b""
    for key, value in records.items():
        record = f" {key}={value}\n".encode()
        length = len(record) + 1
        while len(str(length)) + len(record) != length:
            length += 1
        text += str(length).encode() + record
    return header("PaxHeaders/x", tarfile.XHDTYPE, size=len(text)).tobuf(tarfile.USTAR_FORMAT) + padded(text)


def odd():
    """What two readers of a tar may read differently."""
    conflict = pax_header({"size": "3"}) + header("a", size=600).tobuf(tarfile.USTAR_FORMAT) + padded(b"two")
    both = tar((header("a"), b"one"), conflict)
    return {
        "duplicate.tar": tar((header("a"), b"one"), (header("b"), b"b"), (header("./a"), b"two")),
        "directories.tar": tar(header("d", tarfile.DIRTYPE), header("./d/", tarfile.DIRTYPE)),
        "size.tar": tar(conflict, (header("b"), b"b")),
        "both.tar": both,
        "both-and-broken.gz": gzip(both[:-1100]),
    }


def main():
    blobs = {"good": good, "damaged": damaged, "files": files, "odd": odd}[sys.argv[1]]()
    for name, data in blobs.items():
        Path(name).write_bytes(data)


main()
