"""Holds JSON records in an output against the schemas of fixtures/, by fixtures/validate.

A record says in its member `schema` which one it follows: "layerproof.finding.v1" is described by
fixtures/finding.schema.json. A name that no file describes is a problem, never a pass; so is a
member that the schema does not name. Those of `digest` name none and are told by how they begin.
"""

import functools
import importlib.machinery
import importlib.util
import re

from program import FIXTURES

NAME = re.compile(rb'"schema" ?: ?"(layerproof\.([a-z_]+)\.v1)"')

NAMELESS = {
    "layer": re.compile(rb'\{("digest":"[^"]*","size":[0-9]+,)?"format":'),
    "file": re.compile(rb'\{"path":'),
}


@functools.cache
def validate():
    """The module behind the program fixtures/validate."""
    loader = importlib.machinery.SourceFileLoader("validate", str(FIXTURES / "validate"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("validate", loader))
    loader.exec_module(module)
    return module


@functools.cache
def validator(kind):
    return validate().load_validator(kind, strict=True)


def schema_of(data):
    """(name for people, kind) of the schema that a record follows, or None."""
    found = NAME.search(data)
    if found:
        return found[1].decode(), found[2].decode()
    return next(((kind, kind) for kind, begin in NAMELESS.items() if begin.match(data)), None)


def problems_in_record(data):
    """What is wrong with one record, given as its bytes, as a list of texts."""
    found = schema_of(data)
    if not found:
        return []
    name, kind = found
    if not (FIXTURES / f"{kind}.schema.json").exists():
        return [f"{name}: no file fixtures/*.schema.json describes it"]
    return [f"{name}: {problem}" for problem in validate().find_problems(validator(kind), data)]


def problems_in_text(output):
    """What is wrong with the records of an output of JSON lines. Other lines pass: what they should
    be is the business of the test that compares them."""
    return [f"line {number}: {problem}" for number, line in enumerate(output.splitlines(), 1)
            if line.startswith(b"{") for problem in problems_in_record(line)]
