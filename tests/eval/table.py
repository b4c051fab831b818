"""The answers as a table that a person can review, and as totals."""

from collections import defaultdict

import rules
from columns import DEPTHS

HEADER = ["candidate", "index", "bases", "history", *DEPTHS]
TOTALS_HEADER = ("| index | bases | proved: manifest | decisive | full | files alone | strangers accused "
                 "| only our JSON |")


def shown_cell(row, cell):
    """An answer: verdict and reason, requests, and which layers were fetched, counted from 1."""
    places = row.places(cell.read)
    read = "every layer" if len(places) == len(row.layers) > 1 else "layer " + " ".join(map(str, places))
    return ", ".join([f"{cell.verdict}/{cell.reason}", *(["anchored"] if cell.anchored else []),
                      f"{cell.requests} requests", read if places else "no layer",
                      *([f"next: {cell.next}"] if cell.next else [])])


def fold(lines):
    """[(bases, history, cells)], one for all lines that are equal: `any` where bases or history make no
    difference. `lines`: {(bases, history): cells}."""
    where = defaultdict(list)
    for key, cells in lines.items():
        where[cells].append(key)
    all_bases = {bases for bases, _ in lines}
    folded = []
    for cells, keys in where.items():
        for bases, histories in by_history(keys).items():
            folded.append(("any" if set(bases) == all_bases else " ".join(bases),
                           "any" if len(histories) == 2 else histories[0], cells))
    return folded


def by_history(keys):
    """{bases: histories} of [(bases, history)]: bases that have the same histories stand together."""
    histories = {bases: tuple(history for other, history in keys if other == bases) for bases, _ in keys}
    return {tuple(bases for bases in histories if histories[bases] == of): of for of in histories.values()}


def render(answers):
    """The text of the table. `answers`: {(row name, index, bases, history): (Row, {depth: Cell})}."""
    groups = defaultdict(dict)
    for (name, index, bases, history), (row, cells) in answers.items():
        groups[name, index][bases, history] = tuple(shown_cell(row, cells[depth]) for depth in DEPTHS)
    lines = [HEADER]
    names = list(dict.fromkeys(name for name, _ in groups))
    for (name, index), of in sorted(groups.items(), key=lambda group: names.index(group[0][0])):
        lines += [[name, index, bases, history, *cells] for bases, history, cells in fold(of)]
    return "".join("\t".join(line) + "\n" for line in lines)


def totals(answers, own):
    """The lines of a table in Markdown: for each index and its bases what was found of what is ours, at
    each depth, and who was accused wrongly. Each image counts twice, with history and without."""
    counts = defaultdict(lambda: defaultdict(int))
    for (_, index, bases, _), (row, cells) in answers.items():
        count = counts[index, bases]
        kind = row.kind if row.kind != rules.OURS or rules.keeps_own_layer(row, own) else "files"
        count[kind] += 1
        for depth, cell in cells.items():
            is_anchor = rules.is_only_json(row, depth, cell)
            count[kind, depth] += cell.is_accusation and not is_anchor
            count["anchored"] += is_anchor
    lines = [TOTALS_HEADER, "|---|---|---|---|---|---|---|---|"]
    for (index, bases), count in counts.items():
        accused = sum(count[kind, depth] for kind in (rules.STRANGER, rules.MISNAMED) for depth in DEPTHS)
        total = len(DEPTHS) * (count[rules.STRANGER] + count[rules.MISNAMED])
        lines.append(f"| {index} | {bases} | " + " | ".join(
            f"{count[rules.OURS, depth]} of {count[rules.OURS]}" for depth in DEPTHS)
            + f" | {count['files', 'full']} of {count['files']} | {accused} of {total} | {count['anchored']} |")
    return lines
