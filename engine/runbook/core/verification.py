"""Is the trouble over? Rounds of checks until they hold, or until time is up.

A round observes all checks at once and starts `every` after the last one started. `hold` is met by an unbroken
series of passing rounds whose first and last begin at least `hold` apart. An engine that was away pauses `within`,
breaks `hold`, and leaves time for one full hold.
"""

from __future__ import annotations

from functools import partial
from itertools import count

from runbook.core.commands import Ask, Flow, Together, Wait
from runbook.core.context import Run
from runbook.core.results import Given, Observed
from runbook.core.verdicts import all_of
from runbook.core.words import Verdict
from runbook.document.model import Option, Verification
from runbook.document.words import Verb


def baseline(run: Run, option: Option) -> Flow:
    """The checks as they are before anything is changed: ids of those that pass already, and so prove nothing.

    Those of an option alone are looked at before its own first change, whatever was changed before it.
    """
    verification = run.book.verification_of(option.id)
    changed = run.changing if option.verification is None else any(done.option == option.id for done in run.done)
    if verification is None or changed:
        return ()
    seen = yield from _round(run, "verification", verification, 0)
    deciding = [check.id for check in verification.checks if not check.advisory]
    return tuple(id_ for id_ in deciding if seen[id_] is Verdict.PASS)


def verified(run: Run, option: str) -> Flow:
    """Whether the option helped: pass or fail. While nobody can tell, a person is asked and the run waits."""
    verification = run.book.verification_of(option)
    if verification is None:
        return Verdict.PASS
    path = f"resolution/{option}/verification"
    rounds = count(1)
    while True:
        verdict = yield from _watched(run, path, verification, rounds)
        if verdict is not Verdict.UNKNOWN:
            return verdict
        run.saw(verdict)
        yield from run.page("verification is unknown")
        given: Given = yield Ask(
            key=run.key(path, Verb.ASK),
            path=path,
            purpose="verification",
            question="It could not be seen whether this helped. Look again, or say what you see.",
            choices=("extend", "pass", "fail"),
        )
        if given.value in ("pass", "fail"):
            run.attested = True
            return Verdict(given.value)


def _watched(run: Run, path: str, verification: Verification, rounds: count[int]) -> Flow:
    deadline = run.now + verification.within
    every = min(verification.every, max(1.0, verification.within - verification.hold))
    since: float | None = None
    broken = Verdict.UNKNOWN  # until a round says more: time may be up before any series was long enough
    away = run.situation.away
    while True:
        began = run.now
        if run.situation.away != away:  # no runner was there: that speaks neither for nor against
            deadline += run.situation.away - away
            deadline = max(deadline, began + verification.hold + every)
            since, away = None, run.situation.away
        seen = yield from _round(run, path, verification, next(rounds))
        verdict = all_of(seen[check.id] for check in verification.checks if not check.advisory)
        if run.situation.away != away:
            continue
        if verdict is Verdict.PASS:
            since = began if since is None else since
            if began - since >= verification.hold:
                return Verdict.PASS
        else:
            since, broken = None, verdict
        due = max(began + every, run.now)  # rounds never overlap
        if due > deadline:
            return broken
        yield Wait(key=run.key(path, Verb.WAIT), path=path, until=due)


def _round(run: Run, path: str, verification: Verification, number: int) -> Flow:
    """Verdicts by check id of one round."""
    branches = {
        check.id: (
            frozenset[str](),
            partial(run.observe, f"{path}/{check.id}", check, "verification", round_=number),
        )
        for check in verification.checks
    }
    seen: dict[str, Observed] = yield Together(branches)
    run.attested = any(observed.attested for observed in seen.values())
    return {id_: observed.verdict for id_, observed in seen.items()}
