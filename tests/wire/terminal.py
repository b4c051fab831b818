"""A run of layerproof with a pseudo-terminal, and what was to be seen on it."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import tempfile
import termios
import threading
from pathlib import Path

from harness import ROOT, clean_environment, program_path
from program import read_reports, sanitizer_environment

import tap

LINE = re.compile(r"\r([0-9][^\r]*)\x1b\[K")


class Shown:
    """What a terminal got, and what stands on it in the end."""

    def __init__(self, data):
        self.raw = data.decode()
        self.lines = LINE.findall(self.raw)

    @property
    def screen(self):
        """What stands there in the end, line by line: text overwrites, a return goes back, ESC [ K
        clears to the end of the line, ESC [ J all that follows too, ESC [ 2 A goes two lines up."""
        rows, row, column = [""], 0, 0
        for piece in re.findall(r"\x1b\[[0-9;]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", self.raw):
            if piece in ("\x1b[K", "\x1b[J"):
                rows[row] = rows[row][:column]
                rows = rows[:row + 1] if piece == "\x1b[J" else rows
            elif up := re.fullmatch(r"\x1b\[([0-9]+)A", piece):
                row -= int(up[1])
                assert row >= 0, "above the first line"
            elif piece == "\r":
                column = 0
            elif piece == "\n":
                row += 1
                rows += [""] * (row + 1 - len(rows))
            elif not piece.startswith("\x1b"):
                rows[row] = rows[row][:column] + piece + rows[row][column + len(piece):]
                column += len(piece)
        return [text for text in rows if text]


class Terminal:
    """layerproof with a pseudo-terminal as standard error, and, with `is_output`, as its output."""

    def __init__(self, *arguments, stdin, is_output=False, columns=200, rows=25,
                 **environment):
        self.received, self.output = b"", b""
        self.master, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._temporary = tempfile.TemporaryDirectory(prefix="layerproof-test-")
        self.home = Path(self._temporary.name)
        (self.home / "reports").mkdir()
        full = {**clean_environment(self.home), **sanitizer_environment(self.home / "reports"),
                "TERM": "xterm", **environment}
        self.process = subprocess.Popen(
            [program_path(), *map(str, arguments)], cwd=ROOT, stdin=stdin, stderr=terminal,
            stdout=terminal if is_output else subprocess.PIPE, start_new_session=True,
            env={name: value for name, value in full.items() if value is not None})
        os.close(terminal)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        try:
            while data := os.read(self.master, 65536):
                self.received += data
        except OSError:
            pass  # the other side is closed

    def wait(self, exit_code=0):
        try:
            self.output = self.process.communicate(timeout=60)[0] or b""
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self._reader.join()
        os.close(self.master)
        reports = read_reports(self.home / "reports")
        self._temporary.cleanup()
        tap.equal((self.process.returncode, reports), (exit_code, ""), "exit code and reports")
        return Shown(self.received)
