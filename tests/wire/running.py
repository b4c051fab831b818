"""A run of layerproof that a test talks with while it lasts."""

import subprocess
import tempfile
import threading
import time
from pathlib import Path

import ledger
import schema
from harness import ROOT, Result, clean_environment, program_path
from program import Ended, end_all, read_reports, sanitizer_environment


def read_lines(pipe, into):
    for line in pipe:
        into.append(line)


class Running:
    """A context manager: layerproof with pipes. `lines` grows as it prints; `send()` writes to it;
    `finish()` closes its input and gives the Result, under the same conditions as run_layerproof:
    no crash, no sanitizer report, nothing left behind, no record that breaks its schema, no secret
    told to whom it is not for."""

    def __init__(self, *arguments, environment=None):
        self.environment = environment or {}
        self.command = [program_path(), *map(str, arguments)]
        self.lines, self.errors, self.sent = [], [], []
        self._temporary = tempfile.TemporaryDirectory(prefix="layerproof-test-")

    def __enter__(self):
        home = Path(self._temporary.name)
        self.reports, self.mark = home / "reports", home.name
        self.reports.mkdir()
        environment = {**clean_environment(home), **sanitizer_environment(self.reports),
                       "TEST_MARKS": self.mark, **self.environment}
        self.begun = time.monotonic()
        self.process = subprocess.Popen(
            self.command, cwd=ROOT, env=environment, start_new_session=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._readers = [self._read(self.process.stdout, self.lines),
                         self._read(self.process.stderr, self.errors)]
        return self

    def __exit__(self, *_reason):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                pipe.close()
            except BrokenPipeError:
                continue
        self._temporary.cleanup()

    def _read(self, pipe, into):
        thread = threading.Thread(target=read_lines, args=(pipe, into), daemon=True)
        thread.start()
        return thread

    def send(self, text):
        self.sent.append(text)
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def signal(self, number):
        self.process.send_signal(number)

    def wait_for(self, condition, what, seconds=60):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"{what}: not within {seconds} s")
            time.sleep(0.01)

    def wait_for_lines(self, count, seconds=60):
        self.wait_for(lambda: len(self.lines) >= count, f"{count} lines", seconds)

    def finish(self, timeout=60):
        self.process.stdin.close()
        return self.wait(timeout)

    def wait(self, timeout=60):
        """The Result, input left as it is."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            code = None
            self.process.kill()
        for reader in self._readers:
            reader.join()
        left = end_all(self.process.pid, self.mark)
        stdout, stderr = b"".join(self.lines), b"".join(self.errors)
        ended = Ended(code, stdout, stderr, read_reports(self.reports), left,
                      time.monotonic() - self.begun)
        wrong = [ended.trouble(), *schema.problems_in_text(stdout)]
        if any(wrong):
            raise AssertionError("\n".join([*filter(None, wrong), stderr.decode(), ended.reports]))
        ledger.judge(self.environment, " ".join(self.command) + "".join(self.sent))
        return Result(code, stdout.decode(), stderr.decode(), ended.seconds)
