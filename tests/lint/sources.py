"""What the lints share: the files of a tree, C text without comments, and how to report."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def root_of_arguments():
    """The tree to look at: the first argument, or the repository that holds the script."""
    return Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT


def files_of(root):
    """Every file of the tree that is, or is to be, in the repository; relative, sorted."""
    if (root / ".git").exists():
        listed = subprocess.run(
            ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True, capture_output=True, text=True).stdout.split("\0")
        return sorted(Path(name) for name in set(listed) if name and (root / name).is_file())
    return sorted(path.relative_to(root) for path in root.rglob("*") if path.is_file())


def text_of(path):
    """The text of a file, or None for a binary one."""
    data = path.read_bytes()
    return None if b"\0" in data[:8192] else data.decode(errors="replace")


COMMENT_OR_LITERAL = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)


def code_alone(text):
    """C text with comments blanked and literals emptied; every line keeps its number."""
    def blank(found):
        literal = found[0]
        if literal[0] in "\"'":
            return literal[0] * 2
        return "\n" * literal.count("\n")
    return COMMENT_OR_LITERAL.sub(blank, text)


class Report:
    """Collects what is wrong and prints it, a line each: file:line: reason."""

    def __init__(self):
        self.rows = []

    def add(self, path, line, reason):
        self.rows.append((str(path), line, reason))

    def finish(self):
        """Prints and ends the program: 1 when anything is wrong."""
        for path, line, reason in sorted(self.rows):
            print(f"{path}:{line}: {reason}")
        sys.exit(1 if self.rows else 0)
