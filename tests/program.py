"""Running a program under test: a known environment, a time-out, and nothing left behind."""

import os
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"

# No command of layerproof ends with this code, so a sanitizer's end is never an expected one.
SANITIZER_EXIT = 86

# An authority that has signed nothing: the key was thrown away. To read the machine's own list of
# authorities takes longer than most runs under test.
TRUSTED = ROOT / "tests/nobody.crt"

# A process that was started for a test gets this long to end by itself after the test has.
GRACE_SECONDS = 2.0


def sanitizer_environment(reports):
    """Sanitizers write their reports to files in `reports`, so that none is lost in a pipeline."""
    common = f"exitcode={SANITIZER_EXIT}:log_path={reports}/sanitizer"
    return {
        "ASAN_OPTIONS": f"{common}:detect_leaks=1:strict_string_checks=1"
        ":detect_stack_use_after_return=1:check_initialization_order=1",
        "UBSAN_OPTIONS": f"{common}:print_stacktrace=1",
        "LSAN_OPTIONS": common,
        "TSAN_OPTIONS": f"{common}:second_deadlock_stack=1:suppressions={ROOT}/tests/tsan.supp",
    }


def clean_environment(home, **more):
    """What every program under test sees: nothing of the user's own settings, proxies or locale."""
    environment = {
        "HOME": str(home),
        "TMPDIR": str(home),
        "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
        "LC_ALL": "C.UTF-8",
        "SSL_CERT_FILE": str(TRUSTED),
        "TZ": "UTC",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS",
                 "LAYERPROOF", "FIXTURES", "SANITIZER_REPORTS", "TIMEOUT_SCALE"):
        if name in os.environ:
            environment[name] = os.environ[name]
    environment.update({name: str(value) for name, value in more.items()})
    return environment


def read_reports(directory):
    """The text of every sanitizer report in `directory`, and the files are gone afterwards."""
    texts = []
    for path in sorted(Path(directory).glob("sanitizer*")):
        texts.append(path.read_text(errors="replace"))
        path.unlink()
    return "\n".join(texts)


def belongs_to(process, session, mark):
    """Whether `process` (its /proc folder) runs, in `session` or started with `mark`."""
    try:
        stat = (process / "stat").read_text()
        marked = mark.encode() in (process / "environ").read_bytes()
    except OSError:
        return False
    fields = stat[stat.rindex(")") + 2:].split()
    return fields[0] not in "ZX" and (int(fields[3]) == session or marked)


def running(session, mark):
    """The processes that a program under test started and that still run: {pid: command}."""
    found = {}
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and belongs_to(process, session, mark):
            try:
                found[int(process.name)] = (process / "comm").read_text().strip()
            except OSError:
                continue
    return found


def end_all(session, mark, grace=GRACE_SECONDS):
    """Ends what a program started; returns the commands that would not end by themselves."""
    deadline = time.monotonic() + grace
    while (left := running(session, mark)) and time.monotonic() < deadline:
        time.sleep(0.02)
    for pid in left:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    return sorted(left.values())


@dataclass
class Ended:
    """How a program ended. `exit` is negative for a signal, None for a time-out."""

    exit: int | None
    stdout: bytes
    stderr: bytes
    reports: str
    left: list
    seconds: float

    def trouble(self):
        """What can never be part of an expected result, or an empty string."""
        if self.exit is None:
            return f"timed out after {self.seconds:.0f} s"
        if self.reports:
            return "a sanitizer reported"
        if self.exit < 0:
            return f"ended by {signal.Signals(-self.exit).name}"
        if self.exit == SANITIZER_EXIT:
            return "ended with the exit code of sanitizers"
        if self.left:
            return "left running: " + ", ".join(self.left)
        return ""


def run_program(arguments, *, stdin=b"", timeout=60, cwd=ROOT, environment=None):
    """Runs `arguments` in a session of its own with a private HOME and TMPDIR."""
    timeout *= float(os.environ.get("TIMEOUT_SCALE", "1"))
    with tempfile.TemporaryDirectory(prefix="layerproof-test-") as home:
        reports = Path(home) / "reports"
        reports.mkdir()
        full = clean_environment(home)
        full.update(sanitizer_environment(reports))
        full.update(environment or {})
        # A program that runs others (tests/run, tests/cli/run) hands its own mark on with theirs.
        mark = Path(home).name
        full["TEST_MARKS"] = f"{os.environ.get('TEST_MARKS', '')}:{mark}"
        begun = time.monotonic()
        with subprocess.Popen([str(argument) for argument in arguments], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd, env=full,
                              start_new_session=True) as process:
            try:
                stdout, stderr = process.communicate(stdin, timeout)
                code, left = process.returncode, end_all(process.pid, mark)
            except subprocess.TimeoutExpired:
                end_all(process.pid, mark, grace=0)
                stdout, stderr = process.communicate()
                code, left = None, []
        return Ended(code, stdout, stderr, read_reports(reports), left, time.monotonic() - begun)
