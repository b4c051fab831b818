"""What the man page lints share: the commands and options that program, pages and code show."""

import os
import re
import subprocess

from sources import ROOT, code_alone

COMMAND_ROW = re.compile(r"^ {2,4}([a-z][a-z-]*)(?:\s|$)", re.MULTILINE)
LONG_OPTION = re.compile(r"--([a-z][a-z0-9-]*)")
DEFINED = re.compile(r"^\.It\b.*?\bFl ", re.MULTILINE)
FLAG = re.compile(r"\bFl (?:\\?-)([a-z][a-z0-9-]*)")
TABLE_ROW = re.compile(r'\{\s*"([a-z][a-z0-9-]*)"\s*,\s*(?:no|required|optional)_argument')


def program():
    return os.environ.get("LAYERPROOF", str(ROOT / "build/layerproof"))


def run_help(*command):
    """`layerproof COMMAND --help`: (exit code, stdout, stderr); all of it a problem when absent."""
    try:
        ended = subprocess.run([program(), *command, "--help"], check=False, capture_output=True,
                               text=True, timeout=20, stdin=subprocess.DEVNULL)
    except OSError as reason:
        return None, "", str(reason)
    return ended.returncode, ended.stdout, ended.stderr


def commands_of_help(text):
    """The commands that the general help lists: indented rows that begin with a word."""
    return sorted(set(COMMAND_ROW.findall(text)))


def page_of(root, command):
    return root / "man" / (f"layerproof-{command}.1" if command else "layerproof.1")


def without_comments(text):
    return re.sub(r'^\.\\".*$', "", text, flags=re.MULTILINE)


def options_defined(page):
    """{option: line} of those that a page explains: its .It rows."""
    found = {}
    for number, line in enumerate(without_comments(page.read_text()).splitlines(), 1):
        if DEFINED.match(line):
            for option in FLAG.findall(line):
                found.setdefault(option, number)
    return found


def options_mentioned(page):
    """[(option, line)] of every one that a page names, wherever."""
    lines = without_comments(page.read_text()).splitlines()
    return [(option, number) for number, line in enumerate(lines, 1)
            for option in FLAG.findall(line)]


def options_of_code(root):
    """{file: {option: line}} of the option tables of src/cmd/ and src/main.c."""
    found = {}
    for path in sorted([*root.glob("src/cmd/*.[ch]"), *root.glob("src/main.c")]):
        text = path.read_text()
        # The table's strings are what is looked for, so only comments may not count.
        blanked = code_alone(text).splitlines()
        rows = {}
        for number, line in enumerate(text.splitlines(), 1):
            for option in TABLE_ROW.findall(line):
                if "_argument" in blanked[number - 1]:
                    rows.setdefault(option, number)
        if rows:
            found[path] = rows
    return found


def command_of_file(path, commands):
    """The command that a file of src/cmd/ is about: index_stat.c is about index; None if shared."""
    stem = path.stem.replace("_", "-").removeprefix("cmd-")
    fitting = [command for command in commands if stem == command or stem.startswith(command + "-")]
    return max(fitting, key=len, default=None)
