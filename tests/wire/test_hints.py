#!/usr/bin/python3
"""`[names]`: words of strangers that name us are hints, told with their place and never more than they must."""

import tempfile
from pathlib import Path

from fixture_images import import_fixtures
from harness import StubRegistry, build_image, build_index, run_layerproof
from images import to_json

import tap

PATTERNS = ["acme", "*.acme.example", "ACME_*"]
SECRET = "acme_7Hq2-do-not-show"
VENDOR = "org.opencontainers.image.vendor"


def configure(text=""):
    path = Path(DIRECTORY) / "layerproof.conf"
    path.write_text("[names]\n" + "".join(f"pattern = {pattern}\n" for pattern in PATTERNS) + text)
    return path


def check(*lines, text="", exit_code=0):
    ended = run_layerproof("--index", INDEX, "--config", configure(text), "check", "--no-cache", "--ordered",
                           "--jobs", "1", stdin="".join(f"{line}\n" for line in lines))
    tap.equal((ended.exit, ended.stderr), (exit_code, ""), "exit code and messages")
    return ended


def described(finding):
    """Its hints as "place: pattern > text (platform)"."""
    return [f"{hint['place']}: {hint['pattern']} > {hint.get('text')} ({hint.get('platform')})"
            for hint in finding.get("hints", [])]


def stranger(name="x", *, annotations=None, **config):
    return build_image([{f"srv/{name}": name.encode() * 50}], config={"config": config}, annotations=annotations)


def check_image(image, repository="someone/thing", **how):
    STUB.put_image(repository, "1", image)
    return check(f"{STUB.address}/{repository}:1", **how).findings[0]


def test_no_secret_is_copied_into_a_finding():
    image = build_image([{"srv/a": b"a" * 50}], config={
        "config": {"Env": [f"DB_PASSWORD={SECRET}", "HTTP_PROXY=http://bot:acme@proxy.acme.example:3128",
                           f"https://u:{SECRET}@h"],
                   "Labels": {"build.token": SECRET}},
        "history": [{"created_by": f"RUN curl -H 'X-Token: {SECRET}' https://ci:{SECRET}@git.acme.example/x"}]})
    STUB.put_image("someone/secrets", "1", image)
    ended = check(f"{STUB.address}/someone/secrets:1")
    finding, = ended.findings
    tap.equal(described(finding), [
        "env DB_PASSWORD: acme > acme (linux/amd64)",
        "env DB_PASSWORD: ACME_* > acme_ (linux/amd64)",
        "env HTTP_PROXY: acme > acme (linux/amd64)",
        "env HTTP_PROXY: *.acme.example > proxy.acme.example (linux/amd64)",
        "label build.token: acme > acme (linux/amd64)",
        "label build.token: ACME_* > acme_ (linux/amd64)",
        "history 0: acme > acme (linux/amd64)",
        "history 0: *.acme.example > git.acme.example (linux/amd64)",
        "history 0: ACME_* > acme_ (linux/amd64)"])
    # What made the layer is quoted from the history, as it always was; nothing else is.
    for image in finding["images"]:
        for layer in image["layers"]:
            layer.pop("created_by", None)
    tap.equal(SECRET[6:] in str(finding), False, "secret in the rest of the finding")


def test_the_name_of_the_candidate_and_its_publisher_are_its_own():
    image = stranger("shared")
    for repository in ("acme/copy", "someone/copy", "else/copy"):
        STUB.put_image(repository, "1", image)
    lines = [f"{STUB.address}/someone/copy:1", f"{STUB.address}/acme/copy:1",
             f'{{"ref": "{STUB.address}/else/copy:1", "publisher": "Acme Fans"}}', f"{STUB.address}/someone/copy:1"]
    findings = check(*lines).findings
    tap.equal([(finding["reason"], described(finding)) for finding in findings], [
        ("no_match", []),
        ("names_only", ["name: acme > acme (None)"]),
        ("names_only", ["publisher: acme > Acme (None)"]),
        ("no_match", [])])
    tap.equal(findings[1]["summary"], 'only names point to us: name says "acme" (pattern acme)')


def test_a_candidate_that_cannot_be_read_keeps_its_reason():
    finding = check(f"{STUB.address}/acme/gone:1").findings[0]
    tap.equal((finding["reason"], finding["priority"], described(finding)),
              ("not_found", "low", ["name: acme > acme (None)"]))


def test_names_where_we_publish_are_listed_and_weigh_nothing():
    finding = check_image(stranger("ours", Labels={VENDOR: "acme"}), "acme/tool",
                          text=f"[origin]\nauthorized = {STUB.address}/acme/*\n")
    tap.equal((finding["reason"], finding["flags"], described(finding)),
              ("no_match", ["authorized"],
               ["name: acme > acme (None)", f"label {VENDOR}: acme > acme (linux/amd64)"]))


def index_with_attestation():
    """An index with annotations, two platforms of which one names us, and an attestation that does."""
    amd64, arm64 = stranger("one"), build_image([{"srv/two": b"2" * 50}], platform="linux/arm64",
                                                config={"config": {"User": "acme"}})
    index = build_index({"linux/amd64": amd64, "linux/arm64": arm64})
    attestation = build_image([], annotations={"by": "acme"})
    index.manifests[attestation.digest] = (attestation.document, attestation.media_type)
    index.blobs.update(attestation.blobs)
    document = index.parsed
    document["annotations"] = {VENDOR: "acme"}
    document["manifests"].append({
        "mediaType": attestation.media_type, "digest": attestation.digest, "size": len(attestation.document),
        "platform": {"os": "unknown", "architecture": "unknown"},
        "annotations": {"vnd.docker.reference.type": "attestation-manifest",
                        "vnd.docker.reference.digest": amd64.digest}})
    index.document = to_json(document)
    return index


def test_each_platform_is_judged_and_attestations_are_left_out():
    finding = check_image(index_with_attestation())
    tap.equal(described(finding), [f"annotation {VENDOR}: acme > acme (None)", "user: acme > acme (linux/arm64)"])
    tap.equal((finding["reason"], finding["flags"]), ("names_only", ["attestation"]))
    tap.equal([(image["platform"], image["reason"]) for image in finding["images"]],
              [("linux/amd64", "no_match"), ("linux/arm64", "names_only")])


def test_hints_have_a_bound():
    finding = check_image(stranger("many", Labels={f"l{i}": "acme" for i in range(300)}))
    tap.equal((len(finding["hints"]), finding["flags"]), (256, ["hints_capped"]))
    finding = check_image(stranger("long", Labels={"a": "x " * 40000 + "acme"}))
    tap.equal((finding["reason"], finding["flags"]), ("no_match", ["hints_capped"]))
    finding = check_image(stranger("heavy", Labels={f"l{i}": "acm " * 15000 for i in range(100)}),
                          text="".join(f"pattern = acm{i}\n" for i in range(20)))
    tap.equal((finding["reason"], finding["flags"]), ("no_match", ["hints_capped"]))


def test_control_characters_of_strangers_are_shown_as_such():
    finding = check_image(stranger("odd", Labels={"a\u202eb\u001b[31m": "acme"}))
    tap.equal(described(finding), [r"label a\xe2\x80\xaeb\x1b[31m: acme > acme (linux/amd64)"])


def test_patterns_that_make_no_sense_are_refused():
    ended = run_layerproof("--index", INDEX, "--config", configure("pattern = *\n"), "check", "x.example/a:1")
    tap.equal((ended.exit, ended.stderr), (2, 'layerproof: check: configuration: [names] pattern: "*" matches whatever '
                                              "there is (see layerproof check --help)\n"))


with tempfile.TemporaryDirectory() as DIRECTORY, StubRegistry() as STUB:
    INDEX = import_fixtures(Path(DIRECTORY) / "index")
    tap.main(globals())
