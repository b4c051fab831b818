"""How the benchmarks run a program, and how they print what it took."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from program import clean_environment  # noqa: E402

MIB = 2**20
PAUSE = 0.01  # seconds between two readings of a program's memory


@dataclass
class Cost:
    """What one run took. `memory` is the most of it that was resident at once, in bytes."""

    seconds: float
    cpu: float = 0.0
    memory: int = 0
    output: str = ""


class MemoryWatch:
    """The most that a program had resident while it ran, in bytes, by /proc/PID/status, read again and
    again. `private` is its own memory; what is `mapped` of files the kernel can drop at any moment."""

    def __init__(self, name):
        self.name, self.most, self.readings = name, {"RssAnon": 0, "RssFile": 0}, 0

    @property
    def private(self):
        return self.known("RssAnon")

    @property
    def mapped(self):
        return self.known("RssFile")

    def known(self, kind):
        if self.readings == 0:
            raise RuntimeError(f"the memory of {self.name} was never read")
        return self.most[kind]

    def __call__(self, process):
        while process.poll() is None:
            self.read(process.pid)
            time.sleep(PAUSE)

    def read(self, parent):
        """Of the one child of time(1), once taskset(1) has made it the program."""
        try:
            child = Path(f"/proc/{parent}/task/{parent}/children").read_text().strip()
            status = dict(line.split(":\t", 1) for line in Path(f"/proc/{child}/status").read_text().splitlines())
        except OSError:
            return  # not begun, or ended
        if status["Name"] != self.name or "RssAnon" not in status:
            return
        self.readings += 1
        for kind, most in self.most.items():
            self.most[kind] = max(most, int(status[kind].split()[0]) * 1024)


def run_at_once(commands, *, cores=None, watch=None):
    """Runs the commands at the same time, each with a folder of its own as home; returns their Costs,
    whose seconds are those until the last has ended. With `cores` they have no more than so many,
    all of them together."""
    chosen = ",".join(map(str, processors()[:cores]))
    with tempfile.TemporaryDirectory(prefix="layerproof-bench-") as top:
        started = []
        begun = time.monotonic()
        for number, command in enumerate(commands):
            home = Path(top) / str(number)
            home.mkdir()
            # time(1) forks once more: what Python had resident before the fork is not counted.
            with open(home / "output", "wb") as output:
                started.append((home, subprocess.Popen(
                    ["time", "--output", home / "cost", "--format", "%U %S %M",
                     "taskset", "--cpu-list", chosen, *map(str, command)], stdin=subprocess.DEVNULL, stdout=output,
                    env=clean_environment(home))))
        if watch is not None:
            watch(started[0][1])
        codes = [process.wait() for _, process in started]
        seconds = time.monotonic() - begun
        for command, code in zip(commands, codes):
            if code != 0:
                raise RuntimeError(f"{' '.join(map(str, command))}: exit code {code}")
        return [read_cost(home, seconds) for home, _ in started]


def read_cost(home, seconds):
    user, system, kib = (home / "cost").read_text().splitlines()[-1].split()
    return Cost(seconds, float(user) + float(system), int(kib) * 1024,
                (home / "output").read_text())


def run(command, *, cores=None, watch=None):
    """`watch` is called with the process of time(1) as soon as it runs, whose child the command is."""
    return run_at_once([command], cores=cores, watch=watch)[0]


def processors():
    """The numbers of the processors that may be used."""
    return sorted(os.sched_getaffinity(0))


def take_turns(ways, rounds):
    """Runs each of {name: function} once in every round, every other round from the last to the first;
    returns {name: [what the function gave]}."""
    results = {name: [] for name in ways}
    for number in range(rounds):
        for name in list(ways)[::-1 if number % 2 else 1]:
            results[name].append(ways[name]())
    return results


def median(values):
    return sorted(values)[len(values) // 2]


def spread(values, digits=0):
    ordered = sorted(values)
    return " / ".join(f"{value:.{digits}f}" for value in (ordered[0], median(ordered), ordered[-1]))


def show(name, text):
    print(f"  {name:30} {text}", flush=True)


def judge(name, values, target, digits=2):
    """Prints figures beside what they should be; whether the median is no less."""
    is_reached = median(values) >= target
    show(name, f"{spread(values, digits)} (at least {target:.{digits}f}: "
               f"{'reached' if is_reached else 'MISSED'})")
    return is_reached


def judge_most(name, values, limit, unit=""):
    """The same where less is better, and where it is the largest that counts."""
    is_reached = max(values) < limit
    show(name, f"{spread(values, 1)}{unit} (under {limit}{unit}: {'reached' if is_reached else 'MISSED'})")
    return is_reached


def judge_under(name, values, limit, unit=""):
    """The same where less is better, and the median counts."""
    is_reached = median(values) < limit
    show(name, f"{spread(values, 1)}{unit} (under {limit}{unit}: {'reached' if is_reached else 'MISSED'})")
    return is_reached
