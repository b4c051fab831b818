#!/usr/bin/python3
"""The findings that only a registry can bring about, byte for byte as golden_findings.jsonl has
them; all others are in tests/cli/check/reasons/. The registry has a name: no port stands in them."""

from pathlib import Path

from harness import error_reply
from names import Town

import tap

GOLDEN = Path(__file__).with_name("golden_findings.jsonl")
ANSWERS = {
    "private": error_reply(401, "UNAUTHORIZED", "authentication required"),
    "blocked": error_reply(403, "DENIED", "requested access is denied"),
    "limited": error_reply(429, "TOOMANYREQUESTS", "slow down", {"Retry-After": "3600"}),
}


def test_findings_of_refusals():
    with Town("registry.example") as town:
        for tag, answer in ANSWERS.items():
            town["registry.example"].script(f"/v2/team/app/manifests/{tag}", answer)
        ended = town.check(*[f"registry.example/team/app:{tag}" for tag in ANSWERS],
                           arguments=["--reproducible"])
    tap.equal(ended.stdout.split("\n"), GOLDEN.read_bytes().decode().split("\n"), "findings")
    tap.equal(ended.exit, 3, "exit code")


tap.main(globals())
