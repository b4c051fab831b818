#!/usr/bin/python3
"""Tars that no builder writes, and what `digest --files` says of each.

What a container runtime would unpack must not be hidden: either it is listed, or a flag or an error
says that something is. The digests never depend on any of it.
"""

import hashlib
import tempfile
from pathlib import Path

from harness import run_layerproof
from tars import (BLOCK, END, GNU, NO_MAGIC, entry, header, long_name, padded, pax, record, signed)

import tap

MIB = 1 << 20

# What must not be lost: seen behind whatever a row begins with.
SECRET = entry(b"secret", b"S" * 700)
# A header that may stand in the content of a file, to be taken for the next entry.
INNER = entry(b"inner")


def chain(count):
    return pax(b"comment", b"c") * count


def damaged(block):
    return block[:200] + b"!" + block[201:]


# What is beside it in each row: the tar without its end, the files listed as path:size, how many
# entries there are, the flags, and the error.
ORDINARY = {
    "a file": (entry(b"a", b"x" * 600) + SECRET, "a:600 secret:700", 2),
    "every kind of entry":
        (entry(b"d/", kind=b"5") + header(b"l", kind=b"2", link=b"a")
         + header(b"h", kind=b"1", link=b"a") + header(b"c", kind=b"3") + header(b"b", kind=b"4")
         + header(b"p", kind=b"6") + SECRET, "secret:700", 7),
    "whiteouts and an opaque directory":
        (entry(b"d/.wh.gone") + entry(b"d/.wh..wh..opq") + SECRET,
         "d/.wh.gone:0 d/.wh..wh..opq:0 secret:700", 3),
    "absolute paths and such with ..":
        (entry(b"/a", b"x") + entry(b"../b", b"x") + entry(b"./c", b"x"), "a:1 ../b:1 c:1", 3),
    "a tar inside a tar": (entry(b"inner.tar", entry(b"deep", b"x") + END) + SECRET,
                           "inner.tar:2048 secret:700", 2),
    "no magic (v7)": (entry(b"a", b"x", magic=NO_MAGIC) + entry(b"old/", kind=b"\0", magic=NO_MAGIC)
                      + SECRET, "a:1 secret:700", 3),
    "a folder with a size (v7)": (header(b"d/", 512, b"\0", magic=NO_MAGIC) + SECRET,
                                  "secret:700", 2),
    "a folder of type file": (header(b"d/") + SECRET, "secret:700", 2),
    "contiguous, and an unknown type": (entry(b"7", b"x", b"7") + entry(b"Z", b"x", b"Z") + SECRET,
                                        "7:1 Z:1 secret:700", 3),
    "a size in base 256": (header(b"a", b"\x80" + bytes(9) + b"\x02\0") + bytes(512) + SECRET,
                           "a:512 secret:700", 2),
    "a volume label": (header(b"label", kind=b"V") + SECRET, "secret:700", 1),
    "a dumpdir": (entry(b"d/", b"Yfoo\0\0", b"D") + SECRET, "secret:700", 2),
    "the rest of a file from another volume": (entry(b"m", b"part", b"M") + SECRET,
                                               "secret:700", 2),
    "an access list of Solaris": (entry(b"acl", b"1000003\0user::rwx\0", b"A") + SECRET,
                                  "secret:700", 1),
    "an extended header of Solaris": (pax(b"path", b"name", kind=b"X") + SECRET, "name:700", 1),
    "a global header says nothing of files": (pax(b"size", b"512", kind=b"g") + SECRET,
                                              "secret:700", 1),
    "thirty headers before one entry": (chain(30) + SECRET, "secret:700", 1),
    "the later extended header counts": (pax(b"path", b"one") + pax(b"path", b"two") + SECRET,
                                         "two:700", 1),
    "a path in every way": (pax(b"path", b"pax") + long_name(b"gnu") + SECRET, "pax:700", 1),
    "records that are none": (entry(b"P", b"9 path=a\n", b"x") + entry(b"P", b"x=y\n", b"x")
                              + SECRET, "secret:700", 1),
    "a path with NUL": (pax(b"path", b"a\0b") + SECRET, "a:700", 1),
    "sparse, old": (header(b"s", 600, b"S", magic=GNU,
                           fields={386: b"00000001750\0" b"00000001130\0", 483: b"00000004000\0"})
                    + padded(b"q" * 600) + SECRET, "s:2048 secret:700", 2),
    "sparse 0.0": (pax(b"GNU.sparse.size", b"2048", b"GNU.sparse.numblocks", b"1",
                       b"GNU.sparse.offset", b"1000", b"GNU.sparse.numbytes", b"600")
                   + entry(b"s", b"q" * 600) + SECRET, "s:2048 secret:700", 2),
    "sparse 0.1": (pax(b"GNU.sparse.size", b"2048", b"GNU.sparse.numblocks", b"1",
                       b"GNU.sparse.map", b"1000,600") + entry(b"s", b"q" * 600) + SECRET,
                   "s:2048 secret:700", 2),
    "sparse 1.0": (pax(b"GNU.sparse.major", b"1", b"GNU.sparse.minor", b"0", b"GNU.sparse.name",
                       b"name", b"GNU.sparse.realsize", b"2048")
                   + entry(b"s", padded(b"1\n1000\n600\n") + b"q" * 600) + SECRET,
                   "name:2048 secret:700", 2),
    "all of it a hole": (pax(b"GNU.sparse.map", b"2048,0", b"GNU.sparse.size", b"2048",
                             b"GNU.sparse.numblocks", b"1") + header(b"s") + SECRET,
                         "s:2048 secret:700", 2),
}

# Two readers of one tar: the one that walks it, and those of container runtimes.
IN_CONFLICT = {
    "CVE-2025-62518: two sizes": (pax(b"size", b"512") + header(b"a") + INNER + SECRET,
                                  "a:512 secret:700", 2),
    "a size that begins with NUL": (header(b"a", b"\0 0000001000") + INNER + SECRET,
                                    "a:0 inner:0 secret:700", 3),
    "a size with a sign": (pax(b"size", b"+512") + header(b"a") + INNER + SECRET,
                           "a:0 inner:0 secret:700", 3),
    "a size of nothing": (pax(b"size", b"") + header(b"a", 512) + INNER + SECRET,
                          "a:0 inner:0 secret:700", 3),
    "a record with a sign": (entry(b"P", b"+13 size=512\n", b"x") + header(b"a") + INNER + SECRET,
                             "a:0 inner:0 secret:700", 3),
    "a record behind a large one": (pax(b"comment", b"c" * 1000000, b"size", b"512") + header(b"a")
                                    + INNER + SECRET, "a:0 inner:0 secret:700", 3),
    "a size before a global header": (pax(b"size", b"1536") + pax(b"comment", b"c", kind=b"g")
                                      + header(b"a") + SECRET, "a:1536", 1),
    "a directory with content": (pax(b"size", b"1536") + header(b"d/", kind=b"5") + SECRET, "", 1),
    "a symbolic link with content": (pax(b"size", b"1536") + header(b"l", kind=b"2", link=b"a")
                                     + SECRET, "", 1),
    "a hard link with content": (pax(b"comment", b"c") + header(b"h", 1536, b"1", link=b"a")
                                 + SECRET, "h:1536", 1),
    "a hard link with a size": (header(b"h", 1536, b"1", link=b"a") + SECRET, "secret:700", 2),
    "a file with a slash behind": (header(b"a/", 512) + INNER + SECRET, "inner:0 secret:700", 3),
    "the same by its long name": (long_name(b"a/") + header(b"a", 512) + INNER + SECRET,
                                  "inner:0 secret:700", 3),
    "a real size of star": (pax(b"SCHILY.realsize", b"0") + entry(b"a", b"x" * 512) + SECRET,
                            "a:0 secret:700", 2),
    "a real size of no sparse file": (pax(b"GNU.sparse.realsize", b"0") + entry(b"a", b"x" * 512)
                                      + SECRET, "a:0 secret:700", 2),
    "holes of Solaris": (pax(b"SUN.holesdata", b" 512") + entry(b"a", b"x" * 512) + SECRET,
                         "a:512 secret:700", 2),
    "a sparse map in a plain header":
        (header(b"a", 512, magic=GNU, fields={386: b"00000000000\0" * 2, 483: b"00000001000\0"})
         + INNER + SECRET, "a:512 inner:0 secret:700", 3),
    "a sparse version that is none":
        (pax(b"GNU.sparse.major", b"01", b"GNU.sparse.minor", b"0") + header(b"a", 1024)
         + padded(b"1\n0\n0\n") + INNER + SECRET, "a:1024 inner:0 secret:700", 3),
}

# The walk stops, and says where; what stood before is listed.
BROKEN = {
    "a wrong checksum in the middle":
        (entry(b"a", b"x") + damaged(entry(b"b", b"x")) + SECRET, "a:1", "",
         "tar entry 2: Damaged tar archive"),
    "a cut header": ((entry(b"a", b"x") + SECRET)[:1100], "a:1", "",
                     "tar entry 2: Truncated tar archive"),
    "cut content": ((entry(b"a", b"x") + SECRET)[:1700], "a:1", "",
                    "tar entry 2: Truncated tar archive"),
    "a cut extended header": (entry(b"a", b"x") + pax(b"path", b"p")[:700], "a:1", "",
                              "tar entry 2: truncated header"),
    "an extended header of nothing": (entry(b"a", b"x") + pax(b"path", b"p"), "a:1", "",
                                      "tar entry 2: Damaged tar archive"),
    "one block of zeros in the middle":
        (entry(b"a", b"x") + bytes(BLOCK) + SECRET, "a:1", "",
         "tar: more than zeros behind the end of the archive at byte 1536"),
    "entries behind the end": (entry(b"a", b"x") + END + SECRET, "a:1", "",
                               "tar: more than zeros behind the end of the archive at byte 2048"),
    "junk behind the end": (entry(b"a", b"x") + END + bytes(9000) + b"!", "a:1", "",
                            "tar: more than zeros behind the end of the archive at byte 2048"),
    "a negative size": (header(b"a", b"\xff" * 12) + SECRET, "", "",
                        "tar entry 1: Tar entry has negative size"),
    "a size over 2^63": (header(b"a", b"\x80\0\0\xff" + bytes(8)) + SECRET, "", "",
                         "tar entry 1: Tar entry size overflow"),
    "a size of exabytes": (header(b"a", b"\x80" + bytes(3) + b"\x40" + bytes(7)) + SECRET, "", "",
                           "tar entry 1: Truncated tar archive"),
    "more than 32 headers before one entry":
        (chain(40) + entry(b"a", b"x") + SECRET, "", "size_conflict",
         "tar entry 2: Damaged tar archive"),
    "a sparse map that goes back":
        (pax(b"GNU.sparse.map", b"500,100,0,100", b"GNU.sparse.numblocks", b"2",
             b"GNU.sparse.size", b"1000") + entry(b"s", b"q" * 200) + SECRET, "", "",
         "tar entry 1: sparse file whose pieces overlap or pass its end"),
}

OVER_LIMIT = {
    "a path of more than 64 KiB": (long_name(b"n" * 65537) + SECRET, "", "",
                                   "tar entry 1: path of more than 65536 bytes"),
    "an extended header of more than 1 MiB":
        (pax(b"comment", b"c" * MIB) + SECRET, "", "", "tar entry 1: Special header too large"),
    "extended headers of more than 1 MiB together":
        (pax(b"comment", b"c" * 700000) * 2 + SECRET, "", "",
         "tar entry 1: extended headers of more than 1048576 bytes"),
}


def digest(tar):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layer"
        path.write_bytes(tar)
        result = run_layerproof("digest", "--files", path, timeout=300)
    *files, record = result.records
    listed = " ".join(f"{file['path']}:{file['size']}" for file in files)
    return result.exit, listed, record


def computed(tar):
    """What the record says of any tar, broken or not."""
    name = "sha256:" + hashlib.sha256(tar).hexdigest()
    return {"digest": name, "size": len(tar), "format": "tar", "diff_id": name,
            "uncompressed": len(tar)}


def check_read(what, tar, files, entries, flags):
    code, listed, record = digest(tar)
    tap.equal((code, listed), (0, files), what)
    has_content = any(file.partition(":")[2] != "0" for file in files.split())
    expected = {**computed(tar), "entries": entries, "empty": not has_content}
    if "size_conflict" in flags and not has_content:
        del expected["empty"]  # not known
    if flags:
        expected["flags"] = flags
    tap.equal(record, expected, what)


def check_broken(what, code, tar, files, flags, message):
    exit_code, listed, record = digest(tar)
    tap.equal((exit_code, listed), (3, files), what)
    record.pop("empty", None)  # known where content was met before
    expected = {**computed(tar), "errors": [{"code": code, "where": "tar", "message": message}]}
    if flags:
        expected["flags"] = [flags]
    tap.equal(record, expected, what)


def test_ordinary_oddities_are_read():
    for what, (tar, files, entries) in ORDINARY.items():
        check_read(what, tar + END, files, entries, [])


def test_the_end_mark_may_be_missing():
    check_read("no end", SECRET, "secret:700", 1, [])
    check_read("half of it", SECRET + bytes(BLOCK), "secret:700", 1, [])
    check_read("much of it", SECRET + bytes(20 * BLOCK), "secret:700", 1, [])
    check_read("nothing else", bytes(BLOCK), "", 0, [])


def test_what_readers_take_differently_is_flagged():
    for what, (tar, files, entries) in IN_CONFLICT.items():
        check_read(what, tar + END, files, entries, ["size_conflict"])


def test_duplicate_paths_are_listed_and_flagged():
    twice = entry(b"a", b"one") + entry(b"./a", b"other")
    check_read("a file twice", twice + END, "a:3 a:5", 2, ["duplicate_path"])
    both = twice + pax(b"size", b"512") + header(b"b") + bytes(512)
    check_read("and a conflict", both + END, "a:3 a:5 b:512", 3,
               ["duplicate_path", "size_conflict"])
    folders = entry(b"d/", kind=b"5") * 2 + entry(b"d", kind=b"5")
    check_read("a folder again", folders + END, "", 3, [])


def test_broken_tars_keep_their_diff_id():
    for what, (tar, files, flags, message) in BROKEN.items():
        check_broken(what, "malformed", tar, files, flags, message)


def test_limits():
    for what, (tar, files, flags, message) in OVER_LIMIT.items():
        check_broken(what, "over_limit", tar + END, files, flags, message)
    code, listed, record = digest(long_name(b"n" * 65536) + SECRET + END)
    tap.equal((code, listed, record["entries"]), (0, "n" * 65536 + ":700", 1))


def test_a_damaged_first_header_is_no_tar():
    """Without a magic and a checksum nothing says that it is one."""
    for what, tar in {"no checksum": damaged(entry(b"a", b"x", magic=NO_MAGIC)),
                      "a cut header": entry(b"a")[:511], "a few zeros": bytes(511)}.items():
        code, _, record = digest(tar)
        tap.equal((code, record["format"], record["errors"]), (0, "unknown", [
            {"code": "unsupported", "where": "blob", "message": "not gzip, zstd or tar"}]), what)
        assert "diff_id" not in record


tap.main(globals())
