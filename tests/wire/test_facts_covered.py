#!/usr/bin/python3
"""Holds facts.tsv against the tests: each fact that touches pulling has its line, with tests that are
there or a reason why there are none, and no test of a fact is missing from it."""

import re

from harness import ROOT

import tap

FOLDER = ROOT / "tests/wire"
NUMBERS = [*range(1, 43), 50, 52, 56, 58, *range(74, 85)]
FUNCTION = re.compile(r"^def (test_\w+)\(", re.MULTILINE)


def rows():
    lines = (FOLDER / "facts.tsv").read_text().splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def tests_of(name):
    return FUNCTION.findall((FOLDER / name).read_text())


def numbers_of(name):
    """The facts that tests of a file are named after."""
    return {int(found[1]) for test in tests_of(name)
            if (found := re.match(r"test_fact_(\d+)_", test))}


def proofs():
    """{number: words of its proof}, without those of which there is none."""
    return {int(number): proof.split() for number, _, proof in rows()
            if not proof.startswith("none: ")}


def test_each_number_has_its_line():
    tap.equal([int(number) for number, _, _ in rows()], NUMBERS)


def test_each_line_says_what_and_how():
    for row in rows():
        tap.equal(len(row), 3, str(row))
        assert len(row[1]) > 20 and len(row[2]) > 10, row
        assert row[2].startswith("none: ") == (".py" not in row[2]), row


def test_each_test_of_the_table_exists():
    for number, words in proofs().items():
        for word in words:
            name, _, test = word.partition(":")
            if test:
                assert test in tests_of(name), f"fact {number}: no {test} in {name}"
            else:
                assert number in numbers_of(name), f"fact {number}: no test of it in {name}"


def test_each_test_of_a_fact_is_in_the_table():
    listed = proofs()
    for path in sorted(FOLDER.glob("test_*.py")):
        for number in sorted(numbers_of(path.name)):
            assert path.name in listed.get(number, []), f"fact {number}: {path.name} is not listed"


tap.main(globals())
