"""Tars byte by byte: headers as no tar program would write them."""

BLOCK = 512
END = bytes(2 * BLOCK)
USTAR, GNU, NO_MAGIC = b"ustar\x0000", b"ustar  \0", bytes(8)


def padded(content):
    return content + bytes(-len(content) % BLOCK)


def signed(block):
    """A header with its checksum anew."""
    block = block[:148] + b" " * 8 + block[156:]
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def header(name, size=0, kind=b"0", *, link=b"", magic=USTAR, fields=None):
    """One header. `size` is a number, or the twelve bytes of the field; `fields` {place: bytes} are
    put over the rest."""
    block = bytearray(BLOCK)
    if isinstance(size, int):
        size = b"%011o\0" % size
    for place, value in {0: name, 100: b"0000644\0", 108: b"0000000\0", 116: b"0000000\0",
                         124: size, 136: b"00000000000\0", 156: kind, 157: link, 257: magic,
                         **(fields or {})}.items():
        block[place:place + len(value)] = value
    return signed(bytes(block))


def entry(name, content=b"", kind=b"0", **more):
    return header(name, len(content), kind, **more) + padded(content)


def record(key, value):
    """A pax record "LENGTH KEY=VALUE\\n"; its length counts itself."""
    rest = b" " + key + b"=" + value + b"\n"
    length = len(rest) + 1
    while len(b"%d" % length) + len(rest) != length:
        length += 1
    return b"%d" % length + rest


def pax(*pairs, kind=b"x"):
    """An extended header: pax(b"size", b"512", ...)."""
    return entry(b"PaxHeaders/x", b"".join(map(record, pairs[::2], pairs[1::2])), kind)


def long_name(name, kind=b"L"):
    return entry(b"././@LongLink", name + b"\0", kind)
