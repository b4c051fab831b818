"""What the tests of the lints share: a tree made for one test, and the lint run on it."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import tap  # noqa: E402

HEADER = "#ifndef X_H\n#define X_H\n#endif\n"


def run_lint(name, files, *, program=None):
    """Runs lint `name` on a tree of {path: text}; returns (exit code, output). `program` is the
    text of a script that stands in for layerproof."""
    with tempfile.TemporaryDirectory(prefix="layerproof-lint-") as top:
        root = Path(top) / "tree"
        root.mkdir()
        for path, text in files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text) if isinstance(text, bytes) else file.write_text(text)
        instead = Path(top) / "layerproof"
        instead.write_text(program or "#!/bin/sh\n")
        instead.chmod(0o755)
        ended = subprocess.run([HERE / name, root], check=False, capture_output=True, text=True,
                               timeout=120, env={**os.environ, "LAYERPROOF": str(instead)})
        output = (ended.stdout + ended.stderr).replace(f"{root}/", "").replace(str(instead), "PROGRAM")
    return ended.returncode, output


def passes(name, files, **how):
    tap.equal(run_lint(name, files, **how), (0, ""), f"{name} on a good tree")


def refuses(name, files, *rows, **how):
    """Expects exactly these rows: "file:line: reason"."""
    code, output = run_lint(name, files, **how)
    tap.equal(output.splitlines(), list(rows), f"{name} on a bad tree")
    tap.equal(code, 1, "exit code")


def refuses_with(name, files, *parts, **how):
    """Expects failure and each part in the output: for tools that word their findings themselves."""
    code, output = run_lint(name, files, **how)
    for part in parts:
        tap.contains(output, part, f"{name} on a bad tree")
    tap.equal(code, 1, "exit code")
