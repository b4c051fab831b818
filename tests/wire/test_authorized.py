#!/usr/bin/python3
"""`[origin] authorized`: what is ours is no leak where the company itself publishes."""

import tempfile
from pathlib import Path

from fixture_images import FilledRegistry, import_fixtures
from harness import run_layerproof, run_tool

import tap

COPY = "jdoe-dev/billing-backend"  # byte for byte ours
STOLEN = "collector/api"  # our configuration over other layers
UNRELATED = "weatherwidgets/radar"
EXACT_COPY = "jdoe-dev/billing-backend:latest"


def configured(*patterns):
    path = Path(DIRECTORY) / "layerproof.conf"
    path.write_text("[origin]\n" + "".join(f"authorized = {pattern}\n" for pattern in patterns))
    return path


def check(config, *arguments, stdin=""):
    ended = run_layerproof("--index", INDEX, "--config", config, "check", "--no-cache", "--ordered", *arguments,
                           stdin=stdin)
    tap.equal(ended.stderr, "", "messages")
    return ended


def said(finding):
    return finding["verdict"], finding["reason"], finding["priority"], finding["flags"]


def test_a_copy_of_ours_is_public_there_and_no_layer_is_fetched():
    finding, = check(configured(f"{REGISTRY.address}/jdoe-dev/*"), f"{REGISTRY.address}/{EXACT_COPY}").findings
    tap.equal(said(finding), ("needs_review", "public", "low", ["authorized"]))
    tap.equal(finding["summary"], "the manifest (linux/amd64) is content of registry.acme.example/payments/api:1.4.2, "
              "where the company itself publishes: the place is authorized")
    tap.equal((finding["evidence"][0]["identity"], finding["evidence"][0]["level"], finding["evidence"][0]["origin"]),
              ("manifest", "hashed", "ours"))
    tap.equal((finding["coverage"]["bytes"]["fetched"], finding.get("next")), (0, None))


def test_evidence_has_its_real_level_there():
    finding, = check(configured("*/jdoe-dev/*"), "--depth", "full", f"{REGISTRY.address}/{EXACT_COPY}").findings
    tap.equal(said(finding), ("needs_review", "public", "low", ["authorized"]))
    tap.equal((finding["evidence"][0]["identity"], finding["evidence"][0]["level"]), ("layer", "hashed"))


def test_the_same_image_elsewhere_is_a_leak_whichever_comes_first():
    places = [f"{REGISTRY.address}/{EXACT_COPY}", f"{REGISTRY.address}/mirrored/{EXACT_COPY}"]
    run_tool("skopeo", "--insecure-policy", "copy", "--quiet", "--preserve-digests", "--src-tls-verify=false",
             "--dest-tls-verify=false", *(f"docker://{place}" for place in places))
    config = configured("*/mirrored/*")
    expected = {places[0]: ("true_positive", "layer", "high", []),
                places[1]: ("needs_review", "public", "low", ["authorized"])}
    for order in (places, places[::-1]):
        findings = check(config, "--jobs", "1", stdin="".join(f"{place}\n" for place in order)).findings
        tap.equal({finding["input"]: said(finding) for finding in findings}, expected)


def test_what_is_tampered_missing_or_not_ours_keeps_its_reason():
    config = configured(f"{REGISTRY.address}/*")
    lines = [f"{STOLEN}:1.4.2", f"{COPY}:9.9", f"{UNRELATED}:1.0"]
    findings = check(config, "--depth", "full", stdin="".join(f"{REGISTRY.address}/{line}\n" for line in lines)).findings
    tap.equal([(finding["reason"], finding["priority"]) for finding in findings],
              [("tampered", "high"), ("not_found", "low"), ("no_match", "low")])


with tempfile.TemporaryDirectory() as DIRECTORY, FilledRegistry("public") as REGISTRY:
    INDEX = import_fixtures(Path(DIRECTORY) / "index")
    tap.main(globals())
