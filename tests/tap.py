"""The Test Anything Protocol, both ways: writing it from Python tests, and reading it."""

import inspect
import re
import sys
import traceback
from dataclasses import dataclass, field


class Skip(Exception):
    """Raised by a test that cannot run here; its text says why."""


def equal(actual, expected, what="value"):
    """Asserts equality, and shows both sides when it does not hold."""
    if actual != expected:
        raise AssertionError(f"{what}\n  is       {actual!r}\n  expected {expected!r}")


def contains(text, part, what="text"):
    """Asserts that `part` stands in `text`."""
    if part not in text:
        raise AssertionError(f"{what} does not hold {part!r}:\n{text}")


def comment(text):
    """Writes `text` as TAP comment lines."""
    for line in str(text).splitlines():
        print(f"# {line}", flush=True)


def shown_name(function):
    """How the results name a test function: test_fact_37_a_cut_blob is "fact 37: a cut blob"."""
    name = function.removeprefix("test_")
    if fact := re.match(r"fact_(\d+)_(.+)$", name):
        return f"fact {fact[1]}: {fact[2].replace('_', ' ')}"
    return name


def main(module):
    """Runs every function of `module` (a globals() dictionary) named test_*, in the order written;
    those named on the command line alone when there are any. Ends the program."""
    tests = [value for name, value in module.items()
             if name.startswith("test_") and inspect.isfunction(value)]
    if len(sys.argv) > 1:
        tests = [test for test in tests if test.__name__ in sys.argv[1:]]
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    for number, test in enumerate(tests, 1):
        name = shown_name(test.__name__)
        try:
            test()
            print(f"ok {number} - {name}", flush=True)
        except Skip as reason:
            print(f"ok {number} - {name} # SKIP {reason}", flush=True)
        except Exception:
            failed += 1
            print(f"not ok {number} - {name}", flush=True)
            comment(traceback.format_exc())
    sys.exit(1 if failed or not tests else 0)


RESULT = re.compile(r"^(not )?ok\b(?:\s+\d+)?(?:\s+-)?\s*(.*)$")
DIRECTIVE = re.compile(r"^(.*?)\s*#\s*(SKIP|TODO)\b\s*(.*)$", re.IGNORECASE)


@dataclass
class Results:
    """What a TAP text says. `problem` is set when it cannot be trusted to be whole."""

    passed: int = 0
    skipped: list = field(default_factory=list)
    failed: list = field(default_factory=list)
    problem: str = ""


def read(text):
    """Reads a TAP text. cmocka writes a plan for each of its groups: plans add up."""
    results, planned, plans = Results(), 0, 0
    for line in text.splitlines():
        if plan := re.match(r"^1\.\.(\d+)\s*(?:#.*)?$", line):
            planned, plans = planned + int(plan[1]), plans + 1
        elif line.startswith("Bail out!"):
            results.problem = line
        elif found := RESULT.match(line):
            directive = DIRECTIVE.match(found[2])
            if directive and directive[2].upper() == "SKIP":
                results.skipped.append(f"{directive[1]} {directive[3]}".strip())
            elif found[1] or directive:  # a test marked as unfinished is a failed one
                results.failed.append(found[2] or "(no name)")
            else:
                results.passed += 1
    seen = results.passed + len(results.skipped) + len(results.failed)
    if not results.problem and not plans:
        results.problem = "printed no plan"
    elif not results.problem and seen != planned:
        results.problem = f"planned {planned} tests, {seen} gave a result"
    elif not results.problem and planned == 0:
        results.problem = "planned no test"
    return results
