"""Holds JSON records against the JSON Schemas of fixtures/.

A record says in its member `schema` which one it follows ("layerproof.finding.v1"); the file
fixtures/*.schema.json whose `properties.schema.const` is that name describes it. A name that no
file describes is a problem, never a pass.
"""

import functools
import json

from program import FIXTURES


@functools.cache
def validators():
    """{schema name: validator}, of every schema file in fixtures/."""
    from jsonschema import Draft202012Validator, FormatChecker
    found = {}
    for path in sorted(FIXTURES.glob("**/*.schema.json")):
        document = json.loads(path.read_text())
        Draft202012Validator.check_schema(document)
        name = document.get("properties", {}).get("schema", {}).get("const")
        if name:
            found[name] = Draft202012Validator(document, format_checker=FormatChecker())
    return found


def refuse_duplicates(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError("a member stands twice")
    return dict(pairs)


def problems_in_record(record):
    """What is wrong with one parsed record, as a list of texts."""
    name = record.get("schema") if isinstance(record, dict) else None
    if not isinstance(name, str) or not name.startswith("layerproof."):
        return []
    if name not in validators():
        return [f"{name}: no file fixtures/*.schema.json describes it"]
    return [f"{name}: /{'/'.join(map(str, error.absolute_path))}: {error.message}"
            for error in validators()[name].iter_errors(record)]


def problems_in_text(output):
    """What is wrong with the records of an output that is JSON, or JSON lines. Other text passes:
    what it should be is the business of the test that compares it."""
    text = output.decode(errors="replace")
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        if '"layerproof.' not in line or not line.startswith("{"):
            continue
        try:
            record = json.loads(line, object_pairs_hook=refuse_duplicates)
        except ValueError as reason:
            problems.append(f"line {number}: {reason}")
            continue
        problems += [f"line {number}: {text}" for text in problems_in_record(record)]
    return problems
