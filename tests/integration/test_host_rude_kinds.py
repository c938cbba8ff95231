"""Kinds that raise, leave, lie or hang: the step fails or is in doubt, and the run never hangs on them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runbook import kinds
from runbook.core.history import History
from runbook.errors import Exit
from runbook.hosts import hands, sending, worlds
from runbook.hosts.ports import exit_of
from support.crash import place, rude

RUN = place.run_id(8)
HEAD = "apiVersion: runbook/v1\nkind: Runbook\nname: queue\ntitle: Rude\n"
FINE = "{id: fine, uses: rude.act, with: {effect: read}, expect: 'true'}"
CHECKS = f"verification: {{within: 2s, every: 1s, checks: [{FINE}]}}\n"
Perform = Callable[[str], tuple[Exit, History]]

pytestmark = pytest.mark.usefixtures("known")


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The rude kind is installed, and patience is short."""
    monkeypatch.setitem(kinds.MODULES, "rude.act", "support.crash.rude")
    monkeypatch.setattr(hands, "GRACE", 0.2)
    for module in (hands, sending, worlds):
        monkeypatch.setattr(module, "LOOK", 0.2)
    rude.RELEASED.clear()
    yield
    rude.RELEASED.set()


@pytest.fixture
def perform(tmp_path: Path) -> Perform:
    """Run a runbook with this body; its exit code and history."""

    def perform(body: str) -> tuple[Exit, History]:
        folder = place.project(tmp_path / "p", runbook=HEAD + body)
        of = place.opened(folder)
        ended = place.begin(of, RUN)
        return exit_of(ended), place.told(of.journal, RUN)

    return perform


def triage(does: str) -> str:
    return f"triage: [{{id: rude, uses: rude.act, with: {{effect: read, does: {does}}}, timeout: 1s}}]\n"


def changing(where: str, does: str) -> str:
    step = f"{{id: rude, uses: rude.act, with: {{in: {where}, does: {does}}}, timeout: 1s}}"
    return f"resolution: [{{id: only, steps: [{step}]}}]\n{CHECKS}"


@pytest.mark.parametrize("does", ["raise", "exit", "none", "garbage"])
def test_a_probe_that_misbehaves_has_failed_and_the_run_goes_on(perform: Perform, does: str) -> None:
    """Whatever it raises or returns is recorded as its error, with a code that says it is nobody's answer."""
    exit_, told = perform(triage(does))
    row = told.rows["triage/rude"]
    assert (str(row.status), row.error and row.error["code"]) == ("failed", "bug")
    assert exit_ is Exit.NOT_RESOLVED


def test_a_probe_that_hangs_is_given_up_soon_after_its_timeout(perform: Perform) -> None:
    """Its thread cannot be ended, but nobody waits for it any longer."""
    begun = time.monotonic()
    _, told = perform(triage("hang"))
    row = told.rows["triage/rude"]
    assert (str(row.status), row.error and row.error["code"]) == ("failed", "timeout")
    assert time.monotonic() - begun < 6


@pytest.mark.parametrize("does", ["raise", "exit", "garbage", "hang"])
def test_a_plan_that_misbehaves_ends_its_option_and_applies_nothing(perform: Perform, does: str) -> None:
    """Nothing was asked for, and nothing was sent."""
    exit_, told = perform(changing("plan", does))
    assert (exit_, told.gates, told.intents, told.applied) == (Exit.NOT_RESOLVED, {}, {}, [])


@pytest.mark.fault(53)
@pytest.mark.parametrize("does", ["raise", "exit", "none", "garbage", "hang"])
def test_a_change_that_misbehaves_after_its_intent_is_a_doubt(perform: Perform, does: str) -> None:
    """Nobody knows how far it came: exit 9, and the change stands among the doubts."""
    exit_, told = perform(changing("apply", does))
    assert (exit_, list(told.doubts)) == (Exit.IN_DOUBT, ["resolution/only/rude:apply#1"])


def test_more_hanging_steps_than_threads_do_not_keep_the_others_from_being_done(
    perform: Perform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that was lost is replaced."""
    monkeypatch.setattr("runbook.hosts.workers.MOST", 2)
    steps = [f"{{id: h{n}, uses: rude.act, with: {{effect: read, does: hang}}, timeout: 1s}}" for n in range(3)]
    steps += ["{id: fine, uses: rude.act, with: {effect: read}, timeout: 1s}"]
    _, told = perform(f"triage: [{', '.join(steps)}]\n")
    assert [str(told.rows[f"triage/{id_}"].status) for id_ in ("h0", "h1", "h2", "fine")] == ["failed"] * 3 + [
        "succeeded"
    ]
