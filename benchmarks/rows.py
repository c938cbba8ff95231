"""The rows of the table: what is measured, against what, and what must hold (`docs/benchmarks.md` says why)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

from benchmarks import cluster, documents, install
from benchmarks.measure import Command, Row, Sample, by_turns

INSIDE: Final = Path(__file__).resolve().parent / "inside"
SCHEMA: Final = documents.ROOT / "schemas" / "runbook.schema.json"
MANY: Final = 1000  # files that are linted together
STEPS: Final = 100
EVENTS: Final = 240  # changes of the run that is resumed; each leaves four events
GIBIBYTE: Final = 2**30
MEBIBYTE: Final = 2**20
MOST_MEMORY: Final = 60.0  # MiB
INCIDENTS: Final = 10_000
MOST_MEASURING: Final = 1000.0  # milliseconds
MOST_PLANNING: Final = 500.0  # milliseconds, beyond the answers of the cluster


class Bench:
    """Where it is measured. Environments are made when a row first needs them."""

    def __init__(self, folder: Path, rounds: int) -> None:
        self.folder = folder
        self.rounds = rounds
        self.project = folder / "project"
        self.project.mkdir(exist_ok=True)

    @cached_property
    def ours(self) -> install.Installed:
        return install.ours(self.folder)

    @cached_property
    def peers(self) -> install.Installed:
        return install.peers(self.folder)

    @cached_property
    def stranger(self) -> install.Installed:
        return install.stranger(self.folder, self.ours)

    def write(self, name: str, text: str) -> Path:
        path = self.project / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    def runbook(self, *words: str | Path, codes: tuple[int, ...] = (0,), store: str = "store.db") -> Command:
        argv = [self.ours.bin / "runbook", "--store", self.project / store, *words]
        return Command(argv, self.project, self.ours.env, codes)

    def peer(self, program: str, *words: str | Path) -> Command:
        path = f"{self.peers.bin}:{self.peers.env.get('PATH', '')}"
        return Command([self.peers.bin / program, *words], self.project, {**self.peers.env, "PATH": path})

    def inside(self, script: str, *words: str | Path | int, made: install.Installed | None = None) -> dict[str, Sample]:
        """Run a script in our environment; the lists that it prints, by name."""
        made = made or self.ours
        argv = [str(word) for word in (made.bin / "python", INSIDE / script, *words)]
        done = subprocess.run(argv, cwd=self.project, env=made.env, capture_output=True, check=False)
        if done.returncode:
            raise SystemExit(f"{' '.join(argv)}:\n{done.stderr.decode(errors='replace')}")
        return {name: Sample(tuple(values)) for name, values in json.loads(done.stdout).items()}


def started(bench: Bench) -> Iterator[Row]:
    """How soon a command answers."""
    runbook = bench.write("long.yaml", documents.long_runbook("long"))
    click = Command([bench.ours.bin / "python", "-c", "import click"], bench.project, bench.ours.env)
    help_, import_ = by_turns(bench.rounds, bench.runbook("--help").run, click.run)
    yield Row("runbook --help / import click", help_, import_, 2 * import_.least, "≤ 2 ×")
    bench.write("standard-kubernetes.yaml", documents.evidence())
    lint, check, yamllint = by_turns(
        bench.rounds,
        bench.runbook("lint", runbook).run,
        bench.peer("check-jsonschema", "--schemafile", SCHEMA, runbook).run,
        Command([bench.peers.bin / "yamllint", "-d", "relaxed", runbook], bench.project, bench.peers.env, (0, 1)).run,
    )
    yield Row("lint of one file / check-jsonschema", lint, check, 0.7 * check.least, "≤ 0.7 ×")
    yield Row("lint of one file / yamllint", lint, yamllint, None, "")


def planned(bench: Bench) -> Iterator[Row]:
    """A plan of a rollback on Kubernetes, in a process that has loaded nothing."""
    folder = bench.folder / "shop"
    with cluster.shop(folder) as api:
        words = ("--store", folder / "store.db", "plan", "back.yaml")
        plan = Command([bench.ours.bin / "runbook", *words], folder, bench.ours.env)
        client = Command([bench.ours.bin / "python", "-c", "import kubernetes.dynamic"], folder, bench.ours.env)
        beyond, import_ = by_turns(bench.rounds, cluster.beyond(api, plan), client.run)
    what = "plan of a rollback, beyond the API's answers / import kubernetes.dynamic"
    yield Row(what, beyond, import_, MOST_PLANNING, f"≤ {MOST_PLANNING:.0f} ms")


def linted(bench: Bench) -> Iterator[Row]:
    """How long lint takes for each of many files."""
    folder = bench.project / "many"
    for number in range(MANY):
        bench.write(f"many/r{number}.yaml", documents.long_runbook(f"r{number}"))
    bench.write("many/standard-kubernetes.yaml", documents.evidence())
    taken = bench.inside("linting.py", folder, min(bench.rounds, 4))
    load, one, two = taken["load"], taken["one"], taken["two"]
    yield Row(f"lint, per file of {MANY}, one core / CSafeLoader.load", one, load, 5 * load.least, "≤ 5 ×")
    yield Row(f"lint of {MANY} files, two cores / one", two, one, one.least / 1.8, "≤ 1 / 1.8")


def run(bench: Bench) -> Iterator[Row]:
    """A run of a hundred processes, from the command line to the exit code."""
    reads = bench.write("reads.yaml", documents.reads("reads", STEPS))
    changes = bench.write("changes.yaml", documents.changes("changes", STEPS))
    experiment = bench.write("experiment.json", documents.chaos(STEPS))
    looked, changed, chaos = by_turns(
        bench.rounds,
        bench.runbook("run", reads, "--yes", codes=(5,)).run,
        bench.runbook("run", changes, "--yes").run,
        bench.peer("chaos", "run", experiment).run,
    )
    yield Row(f"run of {STEPS} reads / chaos run", looked, chaos, 1.1 * chaos.least, "≤ 1.1 ×")
    yield Row(f"run of {STEPS} changes / chaos run", changed, chaos, 1.25 * chaos.least, "≤ 1.25 ×")
    python = bench.peers.bin / "python"
    playbook = bench.write("playbook.yaml", documents.playbook(10))
    ten = bench.write("ten.yaml", documents.changes("ten", 10))
    acted, ansible = by_turns(
        3,
        bench.runbook("run", ten, "--yes").run,
        bench.peer("ansible-playbook", "-i", "localhost,", "-e", f"ansible_python_interpreter={python}", playbook).run,
    )
    yield Row("run of 10 changes / ansible-playbook", acted, ansible, None, "")


def engine(bench: Bench) -> Iterator[Row]:
    """What a step costs that does nothing."""
    short, long = 20, 20 + STEPS
    files = [
        bench.write(f"empty-{what}-{count}.yaml", make(f"empty-{what}-{count}", count))
        for what, make in (("reads", documents.empty_reads), ("changes", documents.empty_changes))
        for count in (short, long)
    ]
    taken = bench.inside("engine.py", bench.project, bench.rounds, STEPS, *files, made=bench.stranger)
    commit, read, change = taken["commit"], taken["read"], taken["change"]
    yield Row("engine, per read / durable commit", read, commit, commit.least + 0.4, "≤ 1 commit + 0.4 ms")
    yield Row("engine, per change / durable commit", change, commit, 3 * commit.least + 0.6, "≤ 3 commits + 0.6 ms")


def triaged(bench: Bench) -> Iterator[Row]:
    """Sixteen slow probes at once, beside a run of one that is done at once."""
    slow = bench.write("slow.yaml", documents.triage("slow", 16, 0.5))
    quick = bench.write("quick.yaml", documents.triage("quick", 1, 0))
    many, one = by_turns(
        bench.rounds, bench.runbook("run", slow, codes=(5,)).run, bench.runbook("run", quick, codes=(5,)).run
    )
    yield Row("triage, 16 probes of 0.5 s / start", many, one, one.least + 600, "≤ start + 0.6 s")


def recorded(bench: Bench) -> Iterator[Row]:
    """A long run, gone on with and verified."""
    book = bench.write("suspended.yaml", documents.suspended("suspended", EVENTS))
    for store in ("long.db", "short.db"):
        (bench.project / store).unlink(missing_ok=True)
    bench.runbook("run", book, "--yes", codes=(6,), store="long.db").run()
    bench.runbook("run", book, "--yes", "--option", "wait", codes=(6,), store="short.db").run()
    resumes = [_resume(bench, store) for store in ("long.db", "short.db")]
    long, short = by_turns(bench.rounds, *resumes)
    yield Row("resume, 1,000 events / 10", long, short, short.least + 100, "≤ start + 100 ms")
    taken = bench.inside("verifying.py", bench.project / "long.db", bench.rounds)
    bare = taken["bare"]
    yield Row("log verify, per 1,000 records / SHA-256 + json.loads", taken["verify"], bare, 4 * bare.least, "≤ 4 ×")
    what = "log verify with seals, per 1,000 records / SHA-256 + json.loads"
    yield Row(what, taken["sealed"], bare, 4 * bare.least, "≤ 4 ×")


def _resume(bench: Bench, store: str) -> Callable[[], float]:
    listed = subprocess.run(
        [str(word) for word in bench.runbook("runs", "--output", "json", store=store).argv],
        cwd=bench.project,
        env=bench.ours.env,
        capture_output=True,
        check=True,
    )
    [found] = json.loads(listed.stdout)["runs"]
    return bench.runbook("resume", found["run"], codes=(6,), store=store).run


def counted(bench: Bench) -> Iterator[Row]:
    """The metrics of many incidents: read from a store, and measured."""
    incidents = bench.write("incidents.jsonl", documents.incidents(INCIDENTS))
    taken = bench.inside("measuring.py", incidents, bench.project / "incidents.db", bench.rounds)
    beside = bench.inside("measuring_pandas.py", incidents, bench.rounds, made=bench.peers)
    many = f"{INCIDENTS:,} incidents"
    yield Row(f"metrics of {many} / pandas", taken["measured"], beside["pandas"], MOST_MEASURING, "≤ 1 s")
    bare, read = taken["bare"], taken["read"]
    yield Row(f"reading {many} / SQL + json.loads", read, bare, 2 * bare.least, "≤ 2 ×")


def remembered(bench: Bench) -> Iterator[Row]:
    """How much memory a run takes."""
    reads = bench.write("reads.yaml", documents.reads("reads", STEPS))
    gibibyte = bench.write("gibibyte.yaml", documents.output("gibibyte", GIBIBYTE))
    little = bench.write("little.yaml", documents.output("little", MEBIBYTE))
    peaks = [bench.runbook("run", book, "--yes", codes=(5,)).peak for book in (reads, gibibyte, little)]
    run_, gib, one = by_turns(3, *peaks, unit="MiB")
    yield Row(f"memory of a run of {STEPS} reads", run_, None, MOST_MEMORY, f"≤ {MOST_MEMORY:.0f} MiB")
    yield Row("memory, 1 GiB of output / 1 MiB", gib, one, one.least + 2, "≤ 2 MiB more")


GROUPS: Final = {
    "start": started,
    "plan": planned,
    "lint": linted,
    "run": run,
    "engine": engine,
    "triage": triaged,
    "record": recorded,
    "metrics": counted,
    "memory": remembered,
}
