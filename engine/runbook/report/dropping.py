"""What of the record is to go, or could: said before it goes, in full, because nothing brings it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from runbook.hosts.past import RUNS
from runbook.hosts.retention import WORDS, Going, Plan
from runbook.journal.payloads import JSON, PAIRS, TEXT, TREE, WTF8
from runbook.report.amounts import amount, counted
from runbook.report.layout import labelled, paragraph, table

if TYPE_CHECKING:
    from runbook.journal.naming import Place
    from runbook.report.style import Style

_AS = {TEXT: "text", WTF8: "text", JSON: "number", TREE: "structure", PAIRS: "structure"}
_SHORT = 12  # hexadecimal digits: enough to name one on the command line
_MOST = 20  # runs in a text; `--output json` has them all


def payloads_text(going: Sequence[Going], stream: str, style: Style) -> list[str]:
    """Payloads of one run, each with where its record names it; `+` where other runs name it too."""
    rows = [_row(one, stream) for one in going]
    return table(rows, style, header=("payload", "size", "seq", "as", "stands for")) if rows else []


def _row(one: Going, stream: str) -> tuple[str, ...]:
    place = next(place for place in one.places if place.stream == stream)
    others = len(one.streams) - 1
    also = f" (+{counted(others, 'run')})" if others else ""
    where = f"{place.key or place.type}: {_path(place)}"
    return (_digits(one.digest), amount(one.size), str(place.seq), _AS.get(one.media, "bytes"), where + also)


def _path(place: Place) -> str:
    return ".".join(map(str, place.path)) or "all of it"


def plan_text(plan: Plan, style: Style) -> list[str]:
    """What goes, by run; what stays, by why; and what cannot be done any more afterwards."""
    if not plan.going and not plan.unnamed:
        return [*paragraph("nothing is to be dropped", style, indent=0), *_kept(plan, style)]
    runs = plan.runs
    head = f"{counted(len(plan.going), 'payload')}, {_sum(plan.going)}, of {counted(len(runs), 'run')}:"
    lines = paragraph(head, style, indent=0) if plan.going else []
    for run in runs[:_MOST]:
        of_run = [one for one in plan.going if RUNS + run in one.streams]
        lines += labelled(run, f"{counted(len(of_run), 'payload')}, {_sum(of_run)}", style, width=28)
    lines += paragraph(f"and {len(runs) - _MOST} more runs", style) if len(runs) > _MOST else []
    if plan.unnamed:
        size = amount(sum(one.size for one in plan.unnamed))
        left = f"{counted(len(plan.unnamed), 'payload')}, {size}, that no record names: left by a crash"
        lines += paragraph(left, style, indent=0)
    return [*lines, *_kept(plan, style), *losses_text(plan, style)]


def _kept(plan: Plan, style: Style) -> list[str]:
    told = [f"{plan.kept[why]}: {words}" for why, words in WORDS.items() if plan.kept.get(why)]
    return [line for text in told for line in labelled("stay", text, style, width=6)]


def losses_text(plan: Plan, style: Style) -> list[str]:
    """The runs whose undo is given up."""
    if not plan.undone:
        return []
    text = f"after this, `runbook undo` is refused for {', '.join(plan.undone)}"
    return paragraph(text, style, indent=0, role="warn")


def plan_object(plan: Plan, done: int | None) -> dict[str, Any]:
    """For scripts. `done` is how many payloads went; None where it was only looked."""
    return {
        "dropped": done,
        "payloads": [_object(one) for one in plan.going],
        "unnamed": [{"payload": one.digest, "size": one.size} for one in plan.unnamed],
        "bytes": plan.size,
        "runs": plan.runs,
        "kept": dict(plan.kept),
        "undo_given_up": list(plan.undone),
    }


def listed_object(run: str, going: Sequence[Going], inline: Mapping[str, int]) -> dict[str, Any]:
    """The payloads of a run, and how much stands in its records themselves."""
    return {"run": run, "payloads": [_object(one) for one in going], "inline": dict(inline)}


def _object(one: Going) -> dict[str, Any]:
    places = [
        {"run": p.stream.removeprefix(RUNS), "seq": p.seq, "type": p.type, "key": p.key, "path": list(p.path)}
        for p in one.places
    ]
    return {"payload": one.digest, "size": one.size, "media": one.media, "named": places}


def _sum(going: Sequence[Going]) -> str:
    return amount(sum(one.size for one in going))


def _digits(digest: str) -> str:
    return digest.removeprefix("sha256:")[:_SHORT]
