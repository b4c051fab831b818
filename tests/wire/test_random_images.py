#!/usr/bin/python3
"""Two thousand images composed by chance, checked at every depth. Each answer is that of a slow model
(verdict_model.py), no more is fetched than it takes, and no damage makes an answer cleaner."""

import itertools
import os
import random
import tempfile
from collections import Counter
from pathlib import Path

from harness import run_layerproof
from random_candidates import Blobs, Drawer, Looker, Writer
from random_world import Pool, World
from verdict_model import EMPTIES, PROOFS, REASONS, Index, Question

import tap

SEED = os.environ.get("RANDOM_IMAGES_SEED", "20261123")
WORLDS, CANDIDATES = 4, 500
DEPTHS = ["manifest", "decisive", "full"]
SHOWN = 5
LEVELS = {"low": 0, "medium": 1, "high": 2}


class Trial:
    """One world, its index, its candidates, and what the program says of them."""

    def __init__(self, folder, pool, number):
        self.folder, self.number = Path(folder) / str(number), number
        self.folder.mkdir()
        self.is_complete = number % 2 == 1
        self.world = World(pool, f"{SEED} {number}")
        self.index = Index([image.internal for image in self.world.images], self.is_complete)
        writer = Writer(self.folder, Blobs(self.folder / "blobs"), Looker(pool))
        drawer = Drawer(self.world, random.Random(f"candidates {SEED} {number}"), writer)
        for _ in range(CANDIDATES):
            drawer.draw()
        self.drawn = drawer.drawn
        self.questions = [Question(drawn.candidate, self.index) for drawn in self.drawn]
        self._import()
        self.findings = {depth: self._check(depth) for depth in DEPTHS}

    def run(self, *arguments, **how):
        settings = ["--config", "layerproof.conf"] if self.is_complete else []
        return run_layerproof("--index", "index", *settings, *arguments, cwd=self.folder,
                              timeout=300, **how)

    def _import(self):
        (self.folder / "layerproof.conf").write_text("[origin]\nbases = complete\n")
        self.world.write_export(self.folder / "export.ndjson")
        told = {name for record in self.world.records() for name in record}
        maps = [f"--map={name}={name}" for name in ("index", "base", "boundary") if name in told]
        ended = self.run("import", "--source", "test", *maps, "export.ndjson")
        tap.equal((ended.exit, ended.stderr), (0, ""))

    def _check(self, depth):
        lines = "".join(f"oci:{drawn.path}\n" for drawn in self.drawn)
        ended = self.run("check", "--ordered", "--depth", depth, stdin=lines, one_in=50)
        tap.equal([finding["input"] for finding in ended.findings], lines.splitlines(), "inputs")
        return ended.findings

    def name(self, number, depth):
        return (f"seed {SEED}, world {self.number}, image {number} at {depth}\n"
                f"{self.drawn[number].describe()}")


def every_question():
    """(trial, number, depth, finding)"""
    for trial in TRIALS:
        for depth in DEPTHS:
            for number, finding in enumerate(trial.findings[depth]):
                yield trial, number, depth, finding


def fail_on(wrong):
    tap.equal(len(wrong), 0, "how many differ\n" + "\n".join(wrong[:SHOWN]))


def test_the_boundaries_of_internal_images():
    wrong = []
    for trial in TRIALS:
        for image in (built.internal for built in trial.world.images):
            names = [*sorted(image.tops), *image.layers, *image.diff_ids]
            shown = trial.run("index", "show", "--json", names[0]).records[0]["images"]
            row = trial.index.internals.index(image) + 1
            found = next(one["boundary"] for one in shown if one["row"] == row)
            if image.origin == "ours" and \
                    (found["layers"], found["known"]) != trial.index.boundary(image):
                wrong.append(f"world {trial.number} {image.name}: {found}, expected "
                             f"{trial.index.boundary(image)}")
    fail_on(wrong)


def test_the_answers_are_those_of_the_model():
    wrong, met = [], Counter()
    for trial, number, depth, finding in every_question():
        expected = trial.questions[number].at(depth)
        said = (finding["verdict"], finding["reason"], finding["priority"],
                finding.get("anchored", False))
        met[expected.reason] += 1
        if said != (expected.verdict, expected.reason, expected.priority, expected.anchored):
            wrong.append(f"{trial.name(number, depth)}\n  is {said}, expected {expected}")
    fail_on(wrong)
    tap.equal([reason for reason in REASONS if met[reason] < 10], [], "hardly met")


def is_sound(layer):
    """Whether it is what it is declared to be, and nobody needs to read it to know that it is
    empty."""
    return layer.served is not None and layer.size == layer.served.size and \
        layer.digest in layer.served.names and \
        (layer.served.has_content or layer.digest in EMPTIES or layer.diff_id in EMPTIES)


def test_what_is_fetched_is_what_the_model_fetches():
    wrong = []
    for trial, number, depth, finding in every_question():
        question = trial.questions[number]
        layers = [layer for image in question.candidate.images for layer in image.layers]
        fetched = finding["coverage"]["bytes"]["fetched"]
        if depth == "full" or not all(map(is_sound, layers)):
            continue
        expected = question.at(depth).fetched
        if fetched != expected:
            wrong.append(f"{trial.name(number, depth)}\n  {fetched}, expected {expected}")
    fail_on(wrong)


def settles(question, read, anchors):
    answer = question.judge(set(read)).answer()
    return answer.verdict == "true_positive" and not answer.anchored and (
        anchors or answer.reason in ("layer", "diff_id"))


def cheapest(question, places):
    """The fewest bytes of any set of layers that proves it, or else lifts its anchor; 0 for none."""
    sets = [read for count in range(1, len(places) + 1)
            for read in itertools.combinations(places, count)]
    for anchors in (False, True):
        costs = [sum(question.layer(place).size for place in read) for read in sets
                 if settles(question, read, anchors)]
        if costs:
            return min(costs)
    return 0


def test_no_set_of_layers_would_settle_it_with_fewer_bytes():
    """Of images that keep what they declare, and declare it by sha256: of another nobody can know what
    it is before it is read."""
    looked, wrong = 0, []
    for trial in TRIALS:
        for number, question in enumerate(trial.questions):
            judge = question.judge(set())
            places = [place for place in judge.places()
                      if judge.seen[place[0]][place[1]].may_be_fetched]
            layers = [question.layer(place) for place in judge.places()]
            if not all(is_sound(layer) and layer.served.has_content and
                       layer.diff_id in layer.served.tar_names and
                       layer.digest.startswith("sha256:") for layer in layers) or len(places) > 6:
                continue
            looked += 1
            finding = trial.findings["decisive"][number]
            fetched = finding["coverage"]["bytes"]["fetched"]
            may_lie = fetched and all(place in judge.own_layers() and
                                      place not in judge.undisputed() for place in places
                                      if place in judge.own_layers())
            if fetched > cheapest(question, places) and not may_lie:
                wrong.append(f"{trial.name(number, 'decisive')}\n  {fetched} fetched, but "
                             f"{cheapest(question, places)} would do")
    fail_on(wrong)
    assert looked > 100, looked


def test_strangers_work_alone_is_never_a_match():
    wrong = []
    for trial, number, depth, finding in every_question():
        notes = " ".join(f"{part.note}," for plan in trial.drawn[number].plans
                         for part in plan.parts)
        lies = any(word in notes for word in ("served", "claims", "stolen"))
        if not lies and all(note.startswith("foreign") for note in notes.split(", ")):
            if finding["reason"] not in ("no_match", "partial", "tampered") or finding["evidence"]:
                wrong.append(f"{trial.name(number, depth)}\n  {finding['summary']}")
    fail_on(wrong)


def proofs_elsewhere(finding, broken):
    """Layers that prove it by where they lie alone, and are others than the broken one."""
    digests = {layer["digest"] for layer in finding["images"][0]["layers"][broken:broken + 1]}
    return [item for item in finding["evidence"]
            if item["level"] == "hashed" and item.get("basis") in ("known_boundary",
                                                                   "outside_common_base")
            and finding["images"][0]["layers"][item["layer"]]["digest"] not in digests]


def test_breaking_a_layer_makes_no_answer_cleaner():
    """The same manifest, one layer missing or damaged: who should have looked at the sound one soon
    must look at this one as soon, what other layers prove stays proved, and nobody is accused for it
    who was not before."""
    wrong, twins = [], 0
    for trial in TRIALS:
        for number, drawn in enumerate(trial.drawn):
            if drawn.twin is None:
                continue
            twins += 1
            broken, sound = (trial.findings["full"][which] for which in (number, drawn.twin))
            part = drawn.plans[0].parts[drawn.broken]
            if part.served is None and not {part.digest[:6], part.diff_id[:6]} & {"sha256"}:
                continue  # exports name by sha256: nobody can tell what it was
            if LEVELS[broken["priority"]] < LEVELS[sound["priority"]]:
                wrong.append(f"{trial.name(number, 'full')}\n  {broken['summary']}\n  less than "
                             f"{sound['summary']}")
            if proofs_elsewhere(sound, drawn.broken) and broken["verdict"] != "true_positive":
                wrong.append(f"{trial.name(number, 'full')}\n  no longer {sound['summary']}")
            if sound["reason"] not in PROOFS and broken["reason"] in PROOFS:
                wrong.append(f"{trial.name(number, 'full')}\n  accused: {broken['summary']}")
    fail_on(wrong)
    assert twins > 100, twins


with tempfile.TemporaryDirectory(prefix="layerproof-random-") as place:
    POOL = Pool(SEED)
    TRIALS = [Trial(place, POOL, number) for number in range(WORLDS)]
    tap.main(globals())
