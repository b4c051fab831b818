#!/usr/bin/python3
"""What `check` says of the candidates of fixtures/, served by a docker-registry."""

import json
import tempfile
from pathlib import Path

from fixture_images import FilledRegistry, candidates, import_fixtures, layout_descriptors
from harness import FIXTURES, run_layerproof

import tap

# The names by which acme is known.
NAMES = "[names]\npattern = acme\n          *.acme.example\n"


def check(*arguments, stdin="", **how):
    return run_layerproof("--index", INDEX, "--config", CONFIG, "check", *arguments, stdin=stdin, **how)


def check_candidates(depth):
    """{tag: finding} of every row of candidates.tsv."""
    rows = candidates()
    lines = "".join(f"{REGISTRY.address}/{row.name}\n" for row in rows)
    ended = check("--depth", depth, "--ordered", stdin=lines)
    tap.equal((ended.exit, ended.stderr), (0, ""), "exit code and messages")
    tap.equal([finding["input"] for finding in ended.findings], lines.splitlines(), "inputs")
    return {row.tag: finding for row, finding in zip(rows, ended.findings, strict=True)}


def assert_reasons(findings, expected):
    wrong = {}
    for tag, reasons in expected.items():
        if findings[tag]["reason"] not in reasons:
            wrong[tag] = f"{findings[tag]['reason']}, not {' or '.join(reasons)}"
    tap.equal(wrong, {}, "reasons")


def test_reasons_at_depth_manifest():
    findings = check_candidates("manifest")
    assert_reasons(findings, {row.tag: row.at_manifest for row in candidates()})
    fetched = {tag: finding["coverage"]["bytes"]["fetched"] for tag, finding in findings.items()}
    tap.equal(set(fetched.values()), {0}, "bytes of layers")
    # JSON of ours that is served proves itself alone; nothing else is accused at this depth.
    accused = {tag: finding["anchored"] for tag, finding in findings.items()
               if finding["verdict"] == "true_positive"}
    tap.equal(accused, dict.fromkeys(
        ["exact-copy", "recompressed-gzip", "recompressed-zstd", "docker-v2s2", "exact-index",
         "exact-platform", "stolen-config"], True), "accused")


def test_verdicts_and_reasons_at_depth_decisive():
    findings = check_candidates("decisive")
    assert_reasons(findings, {row.tag: row.at_decisive for row in candidates()})
    tap.equal({tag: finding["verdict"] for tag, finding in findings.items()},
              {row.tag: row.verdict for row in candidates()}, "verdicts")
    anchored = [tag for tag, finding in findings.items() if finding.get("anchored")]
    tap.equal(anchored, [], "anchored")


def test_depth_full_hashes_every_layer_and_changes_no_verdict():
    findings = check_candidates("full")
    tap.equal({tag: finding["verdict"] for tag, finding in findings.items()},
              {row.tag: row.verdict for row in candidates()}, "verdicts")
    unread = {tag: finding["coverage"]["layers"] for tag, finding in findings.items()
              if finding["coverage"]["layers"]["hashed"] != finding["coverage"]["layers"]["total"]}
    tap.equal(unread, {}, "findings with layers that were not hashed")


def test_digests_and_places_are_those_of_the_layout():
    expected = {tag: (descriptor["digest"], descriptor["mediaType"])
                for tag, descriptor in layout_descriptors("public").items()}
    findings = check_candidates("manifest")
    tap.equal({tag: (finding["digest"], finding["media_type"])
               for tag, finding in findings.items()}, expected)
    reference = findings["exact-copy"]["reference"]
    tap.equal(reference, {"transport": "registry", "registry": REGISTRY.address,
                          "repository": "jdoe-dev/billing-backend", "tag": "latest"})
    tap.equal(findings["exact-copy"]["publisher"], f"{REGISTRY.address}/jdoe-dev")


def test_evidence_names_the_internal_image():
    evidence = check_candidates("decisive")["exact-copy"]["evidence"]
    hashed = [item for item in evidence if item["identity"] == "layer" and item["level"] == "hashed"]
    tap.equal(len(hashed), 1, "hashed layers")
    tap.equal(hashed[0]["internal"], {
        "name": "registry.acme.example/payments/api:1.4.2", "source": "images.csv", "row": 2,
        "digest": layout_descriptors("internal")["payments-api-1.4.2"]["digest"]})
    tap.equal((hashed[0]["origin"], hashed[0]["basis"], hashed[0]["others"]),
              ("ours", "whole_image", 0))


def discovery_lines():
    text = (FIXTURES / "discovery.txt").read_text().replace("REGISTRY/", REGISTRY.address + "/")
    return text, [line for line in text.splitlines() if line and not line.startswith("#")]


def described(line):
    """What the discovery job said beside the reference."""
    if not line.startswith("{"):
        return None
    record = json.loads(line)
    record.pop("ref" if "ref" in record else "image")
    return record


def test_discovery_output_gives_one_finding_a_line_in_order():
    text, lines = discovery_lines()
    ended = check("--ordered", stdin=text)
    tap.equal((ended.exit, ended.stderr), (3, ""), "exit code and messages")
    tap.equal([finding["input"] for finding in ended.findings], lines)
    tap.equal([finding.get("discovery") for finding in ended.findings], list(map(described, lines)))
    tap.equal(len(ended.records), len(lines), "lines of the output")


def test_discovery_output_states_what_is_gone_and_what_is_no_reference():
    text, lines = discovery_lines()
    findings = {finding["input"]: finding for finding in check(stdin=text).findings}
    gone = findings[f"{REGISTRY.address}/jdoe-dev/billing-backend:9.9"]
    tap.equal((gone["verdict"], gone["reason"], gone["priority"]),
              ("needs_review", "not_found", "low"))
    tap.equal(gone["errors"], [{"code": "not_found", "message":
              f"{REGISTRY.address}: 404 MANIFEST_UNKNOWN: manifest unknown"}])
    broken = findings[lines[-1]]
    tap.equal((broken["reason"], [error["code"] for error in broken["errors"]], "reference" in broken),
              ("bad_reference", ["bad_reference"], False))


def test_arguments_are_candidates_too():
    ended = check(f"{REGISTRY.address}/mirrorbot/edge-gateway:2.0", "--depth", "manifest")
    tap.equal([(finding["verdict"], finding["reason"]) for finding in ended.findings],
              [("true_positive", "index")])


def test_fail_on_a_verdict():
    found = f"{REGISTRY.address}/webshop-builder/checkout:5"
    harmless = f"{REGISTRY.address}/weatherwidgets/radar:1.0"
    exits = [check("--fail-on", verdict, reference).exit
             for verdict in ("true_positive", "needs_review") for reference in (found, harmless)]
    tap.equal(exits, [1, 0, 0, 1], "exit codes")


def same_lines(first, second):
    """Compares two outputs record by record, so that a difference can be read."""
    for one, other in zip(map(json.loads, first), map(json.loads, second), strict=True):
        different = {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}
        tap.equal({name: one.get(name) for name in different},
                  {name: other.get(name) for name in different}, one["input"])
    assert first == second, "equal records, other bytes"


def test_equal_inputs_give_equal_bytes():
    text, _ = discovery_lines()
    first = check("--ordered", "--reproducible", "-j", "1", stdin=text)
    second = check("--ordered", "--reproducible", "-j", "16", stdin=text)
    same_lines(first.stdout.splitlines(), second.stdout.splitlines())


def test_unordered_findings_are_the_same_ones():
    text, _ = discovery_lines()
    ordered = check("--ordered", "--reproducible", stdin=text).stdout.splitlines()
    same_lines(sorted(check("--reproducible", stdin=text).stdout.splitlines()), sorted(ordered))


with tempfile.TemporaryDirectory() as folder, FilledRegistry("public") as REGISTRY:
    INDEX = import_fixtures(Path(folder) / "index")
    CONFIG = Path(folder) / "layerproof.conf"
    CONFIG.write_text(NAMES)
    tap.main(globals())
