"""A backtest drawn: in words for a terminal, as Markdown for a pull request, as an object for scripts. In UTC."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from runbook.authoring.backtest import Blind, Episode, Pair, paired
from runbook.core.words import Verdict
from runbook.document.durations import spoken
from runbook.hosts.backtest import Version
from runbook.report.layout import heading, labelled, table
from runbook.report.safe import shown
from runbook.report.style import Style
from runbook.report.times import instant, minute

MOST = 50  # rows of a table; the object has them all

_NO = Verdict.FAIL  # an option that would have been left out


class Tested(msgspec.Struct, frozen=True, kw_only=True):
    """A backtest of one runbook: what was looked at, and what came of this version and of another one.

    `since` and `until` are Unix seconds, `step` seconds. `ref` is what the other one was named by, `commit` what that
    is; `before` None where the other revision has no such runbook.
    """

    runbook: str
    title: str
    server: str
    since: float
    until: float
    step: float
    parameters: Mapping[str, Any]
    now: Version
    ref: str | None = None
    commit: str | None = None
    before: Version | None = None


# --- words ------------------------------------------------------------------------------------------------


def backtest_text(told: Tested, style: Style) -> str:
    """For a terminal."""
    lines = [heading(shown(f"{told.runbook}: {told.title}"), style)]
    lines += labelled("looked at", looked_at(told), style)
    for label, words in _summaries(told):
        lines += labelled(label, words, style)
    for label, words in _remarks(told.now, told.step):
        lines += labelled(label, words, style)
    header, rows = _rows(told)
    if rows:
        lines += ["", *(f"  {line}" for line in table(rows[:MOST], style, header=header))]
    if len(rows) > MOST:
        lines += ["", f"  and {len(rows) - MOST} more; --output json has all of them"]
    return "\n".join(lines)


def backtest_markdown(told: Tested) -> str:
    """For a comment on a pull request."""
    lines = [f"### Backtest of `{told.runbook}`", "", f"{_marked(looked_at(told))}", ""]
    lines += [
        f"- **{label}**: {_marked(words)}" for label, words in (*_summaries(told), *_remarks(told.now, told.step))
    ]
    header, rows = _rows(told)
    if rows:
        lines += ["", _line(header), _line(["---"] * len(header)), *(_line(map(_marked, row)) for row in rows[:MOST])]
    if len(rows) > MOST:
        lines += ["", f"and {len(rows) - MOST} more."]
    return "\n".join([*lines, ""])


def looked_at(told: Tested) -> str:
    """The window, in words."""
    window = f"{minute(told.since)} to {minute(told.until)}, every {spoken(told.step)}"
    given = ", ".join(f"{name}={value}" for name, value in told.parameters.items())
    return f"{window}, {told.server}" + (f"; with {given}" if given else "")


def _summaries(told: Tested) -> Iterator[tuple[str, str]]:
    if told.ref is not None:
        yield "before", summary(told.before, told.since) if told.before else "there was no such runbook"
    yield "now" if told.ref is not None else "started", summary(told.now, told.since)
    if told.before is not None:
        yield "change", _change(paired(told.before.past.episodes, told.now.past.episodes))


def summary(version: Version, since: float) -> str:
    """`it would have started 7 times; verified 6 times, after 2m to 1h4m (12m in the middle); 1 still there`."""
    episodes = version.past.episodes
    if not episodes:
        return "it would not have started" + ("" if version.past.told else ": nothing could be told")
    words = [f"it would have started {_times(len(episodes))}"]
    long = sorted(one.verified - one.started for one in episodes if one.verified is not None)
    if long:
        words.append(f"verified {_times(len(long))}, after {_spread(long)}")
    elif version.verified_by:
        words.append("never verified")
    gone = [one for one in episodes if one.verified is None and one.gone is not None]
    words += [f"{len(gone)} not verified when the symptoms were gone"] if gone else []
    words += ["the first was there from the beginning"] if episodes[0].started == since else []
    left = [one for one in episodes if one.ended is None]
    words += [f"{len(left)} still there at the end"] if left else []
    return "; ".join(words)


def _spread(long: Sequence[float]) -> str:
    """Lengths of time that are in order: from the shortest to the longest, and the one in the middle."""
    if long[0] == long[-1]:
        return spoken(long[0])
    middle = f" ({spoken(statistics.median_low(long))} in the middle)" if len(long) > 2 else ""
    return f"{spoken(long[0])} to {spoken(long[-1])}{middle}"


def _remarks(version: Version, step: float) -> Iterator[tuple[str, str]]:
    """What to know of the numbers: what could not be told, and what a verification did not prove."""
    episodes = version.past.episodes
    if any(way.verdict is Verdict.UNKNOWN for one in episodes for way in one.options):
        yield "mind", "an option with a question mark depends on what no measurement tells"
    if still := sum(one.still_there for one in episodes):
        yield (
            "mind",
            f"{_times(still)} it was verified while a symptom was still there: the checks ask for less than it",
        )
    if already := sum(bool(one.already) for one in episodes):
        yield "mind", f"{_times(already)} a check passed already at the start, and so proves nothing"
    for note in version.notes:
        yield "mind", note
    for ids, reason, seconds in blind_sums(version.past.blind, step):
        yield "unknown", f"{', '.join(ids)}: for {spoken(seconds)} in all: {reason}"


def blind_sums(blind: Sequence[Blind], step: float) -> list[tuple[list[str], str, float]]:
    """What could not be told: ids, reason and seconds, the longest first; a moment stands for a step."""
    sums: dict[tuple[str, str], float] = {}
    for one in blind:
        key = (one.id, one.reason)
        sums[key] = sums.get(key, 0.0) + one.until - one.since + step
    together: dict[tuple[str, float], list[str]] = {}
    for (id_, reason), seconds in sums.items():
        together.setdefault((reason, seconds), []).append(id_)
    rows = [(sorted(ids), reason, seconds) for (reason, seconds), ids in together.items()]
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def _change(pairs: Sequence[Pair]) -> str:
    fewer = sum(pair.after is None for pair in pairs)
    more = sum(pair.before is None for pair in pairs)
    both = [(pair.before, pair.after) for pair in pairs if pair.before and pair.after]
    other = sum(a.started != b.started or a.verified != b.verified for a, b in both)
    if not (fewer or more or other):
        return "none: the same moments"
    said = [f"{fewer} it would not start for any more"] if fewer else []
    said += [f"{more} it would newly start for"] if more else []
    said += [f"{other} at other moments"] if other else []
    return "; ".join(said)


def _rows(told: Tested) -> tuple[list[str], list[list[str]]]:
    header = ["started", "verified", "took", "symptoms", "would try"]
    if told.before is None:
        return header, [_row(one) for one in told.now.past.episodes]
    pairs = paired(told.before.past.episodes, told.now.past.episodes)
    return ["", *header], [row for pair in pairs for row in _pair_rows(pair)]


def _pair_rows(pair: Pair) -> Iterator[list[str]]:
    if pair.before is None and pair.after is not None:
        yield ["new", *_row(pair.after)]
    elif pair.after is None and pair.before is not None:
        yield ["gone", *_row(pair.before)]
    elif pair.before is not None and pair.after is not None:
        same = (pair.before.started, pair.before.verified) == (pair.after.started, pair.after.verified)
        if not same:
            yield ["before", *_row(pair.before)]
        yield ["same" if same else "now", *_row(pair.after)]


def _row(one: Episode) -> list[str]:
    took = spoken(one.ended - one.started) if one.ended is not None else "-"
    tried = (
        way.option + ("?" if way.verdict is Verdict.UNKNOWN else "") for way in one.options if way.verdict is not _NO
    )
    return [minute(one.started), _verified(one), took, ", ".join(one.symptoms), ", ".join(tried) or "-"]


def _verified(one: Episode) -> str:
    if one.verified is not None:
        return minute(one.verified)
    return f"gone {minute(one.gone)}" if one.gone is not None else "still there"


def _times(count: int) -> str:
    return "once" if count == 1 else "twice" if count == 2 else f"{count} times"


def _line(cells: Any) -> str:
    return f"| {' | '.join(cells)} |"


def _marked(text: str) -> str:
    return shown(text).replace("|", "\\|").replace("<", "&lt;").replace("`", "'")


# --- JSON -------------------------------------------------------------------------------------------------


def backtest_object(told: Tested) -> dict[str, Any]:
    """For scripts."""
    return {
        "runbook": told.runbook,
        "parameters": dict(told.parameters),
        "from": instant(told.since),
        "to": instant(told.until),
        "step": told.step,
        "server": told.server,
        "now": _version(told.now),
        "base": {"ref": told.ref, "commit": told.commit, **(_version(told.before) if told.before else {})}
        if told.ref
        else None,
    }


def _version(version: Version) -> dict[str, Any]:
    past = version.past
    return {
        "started": len(past.episodes),
        "verified": sum(one.verified is not None for one in past.episodes),
        "moments": past.moments,
        "told": past.told,
        "episodes": [_episode(one) for one in past.episodes],
        "unknown": [
            {"id": one.id, "from": instant(one.since), "to": instant(one.until), "reason": one.reason}
            for one in past.blind
        ],
        "notes": list(version.notes),
    }


def _episode(one: Episode) -> dict[str, Any]:
    return {
        "started": instant(one.started),
        "verified": instant(one.verified),
        "gone": instant(one.gone),
        "seconds": one.ended - one.started if one.ended is not None else None,
        "symptoms": list(one.symptoms),
        "already": list(one.already),
        "still_there": one.still_there,
        "options": [{"id": way.option, "verdict": str(way.verdict), "reason": way.reason} for way in one.options],
    }
