"""What must hold whatever the table says. Each rule prints what breaks it."""

OURS, STRANGER, MISNAMED = "ours", "stranger", "misnamed"

# The JSON of acme, byte for byte, and nothing else of it: nobody can tell these from a copy before a
# layer was read, so the verdict is `anchored` and is counted apart, at these depths. Other layers
# withdraw it; where none can be had it stays what it is: our JSON is there, and says so itself.
ONLY_JSON = {"our configuration, other layers": ("manifest",),
             "our manifest, no layers in the registry": ("manifest", "decisive", "full")}

# No digest of these can be compared before the bytes were read: smaller layers come first, and where
# no base is known for certain all must be read to see what the image stands on.
NAMELESS = ("digests by sha512",)


def keeps_own_layer(row, own):
    """Whether the bytes of a layer of acme's own work can be had."""
    return any(held.diff_id in own for held in row.layers)


# ---- The smallest layer that settles it ----

def is_whole(stack, internal):
    """Whether a stack of diff_ids holds all of an internal image's, in order."""
    rest = iter(stack)
    return all(diff_id in rest for diff_id in internal)


def common_run(stack, internal):
    """How many bottom layers the two have in common."""
    count = 0
    while count < min(len(stack), len(internal)) and stack[count] == internal[count]:
        count += 1
    return count


def sufficient_layers(image, internals, own):
    """The layers of one image that prove it where no base is known for certain: the topmost of an image
    of ours, where all of that is there, or where it lies outside the bottom run that both have."""
    image = [held for held in image if held.has_content or held.diff_id is None]
    stack = [held.diff_id for held in image]
    return [held for place, held in enumerate(image) if held.diff_id in own for internal in internals
            if held.diff_id == internal[-1]
            and (is_whole(stack, internal) or place >= common_run(stack, internal))]


def most_to_fetch(row, column, cell, internals, own):
    """How many bytes may be fetched of layers that hold content, for a true positive. A document of
    ours speaks for all its layers; a known base for all above it."""
    kind, bases = column
    whole = [held for held in row.layers if held.has_content]
    proving = [held for held in whole if held.diff_id in own]
    if kind in ("digests", "configs"):
        proving = whole
    elif bases != "all" and not speaks_document(cell, row):
        proving = [held for image in row.images for held in sufficient_layers(image, internals, own)]
    return min(held.size for held in proving)


def speaks_document(cell, row):
    """Whether the candidate was known by its manifest, configuration or index."""
    return bool({"manifest", "config", "index"} & cell.evidence) and row.kind == OURS


# ---- The rules ----

def is_only_json(row, depth, cell):
    """An accusation that says itself that no layer was seen, of what has our JSON and no more."""
    return cell.is_accusation and cell.anchored and depth in ONLY_JSON.get(row.name, ())


def check_cell(row, column, depth, cell, internals, own):
    """What is wrong with one answer, as texts."""
    kind, bases = column
    if row.kind == STRANGER and cell.is_accusation and not is_only_json(row, depth, cell):
        yield f"a stranger is accused ({cell.reason})"
    if row.kind == MISNAMED and cell.is_accusation and bases == "all":
        yield f"a stranger is accused although the base is known ({cell.reason})"
    if depth == "manifest" and cell.fetched:
        yield f"{cell.fetched} bytes of layers at depth manifest"
    if row.kind == OURS and depth == "decisive" and keeps_own_layer(row, own):
        yield from check_recall(kind, bases, cell)
        if cell.is_accusation:
            yield from check_bytes(row, column, cell, internals, own)
    if not row.is_damaged and cell.fetched != sum(held.size for held in row.layers if held.digest in cell.read):
        yield f"{cell.fetched} bytes fetched, which are not those of the layers {row.places(cell.read)}"


def check_recall(kind, bases, cell):
    if cell.is_accusation:
        return
    if kind in ("digests", "configs"):
        if not cell.next:
            yield f"{cell.reason}, and nothing says what to add to the index"
    elif bases == "all" or (cell.reason, cell.next) != ("shared_base", "add_base"):
        yield f"content of ours is not recognised ({cell.reason})"


def check_bytes(row, column, cell, internals, own):
    """Layers that proved to be damaged or without content were worth a try."""
    if row.name in NAMELESS and column[1] != "all":
        return
    sizes = [held.size for held in row.layers if held.digest in cell.read and held.has_content]
    fetched = max(sizes, default=0) if row.name in NAMELESS else sum(sizes)
    most = most_to_fetch(row, column, cell, internals, own)
    if fetched > most:
        yield f"{fetched} bytes fetched (layers {row.places(cell.read)}) where {most} settle it"


def check_known(row, cell, again):
    """A second run, with the cache of the first."""
    if again.fetched:
        yield f"{again.fetched} bytes fetched again in a second run"
    if (again.verdict, again.reason) != (cell.verdict, cell.reason):
        yield f"{again.verdict}/{again.reason} in a second run, {cell.verdict}/{cell.reason} in the first"
