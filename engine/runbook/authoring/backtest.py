"""When a runbook would have started, and when its verification would have said that the trouble is over: of verdicts.

Moments go by, one after the other. Where nothing is open and a symptom passes, an episode starts. It ends at the first
moment at which the checks have held for as long as the verification asks, which may be later than the symptom went:
between the two thresholds the trouble is neither. Where the checks cannot be told from measurements at all, it ends
when all symptoms fail. What is unknown starts nothing, breaks what held, and ends nothing.

Nobody resolved anything here: what is seen is how long the trouble lasted then, with whatever people did about it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from runbook.core.verdicts import all_of, any_of
from runbook.core.words import Verdict


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """Whether an option would have been tried (`pass`), left out (`fail`), or nobody could have told, and why."""

    option: str
    verdict: Verdict
    reason: str | None = None


class Episode(msgspec.Struct, frozen=True, kw_only=True):
    """One time of trouble, in Unix seconds. `verified` and `gone` None: not within what was looked at.

    `symptoms` are those that passed when it started, and `already` the checks that passed then, and so prove nothing.
    `gone` is when all symptoms failed; `still_there`: it was verified while a symptom passed.
    """

    started: float
    symptoms: tuple[str, ...]
    verified: float | None = None
    gone: float | None = None
    already: tuple[str, ...] = ()
    still_there: bool = False
    options: tuple[Way, ...] = ()

    @property
    def ended(self) -> float | None:
        """When it was over, as far as that can be told."""
        return self.verified if self.verified is not None else self.gone


class Blind(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which one check could not be told, and why; from its first moment to its last."""

    id: str
    since: float
    until: float
    reason: str


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """What came of looking at all moments. `told` counts those at which the symptoms could be told."""

    episodes: tuple[Episode, ...]
    blind: tuple[Blind, ...]
    moments: int
    told: int


Verdicts = Mapping[str, tuple[Verdict, str | None]]  # by id, each with its reason where it is unknown
Look = Callable[[float], Verdicts]


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What must hold: the checks that decide, for how long (seconds), and whether measurements can tell them at all."""

    deciding: tuple[str, ...]
    hold: float = 0.0
    measured: bool = True


def past(moments: Sequence[float], symptoms: Look, checks: Look, terms: Terms) -> Past:
    """Episodes in the order of time. The checks are looked at only while something is open."""
    blind = _Blind(moments[1] - moments[0] if len(moments) > 1 else 0.0)
    episodes: list[Episode] = []
    current: _Open | None = None
    told = 0
    for at in moments:
        seen = symptoms(at)
        blind.saw(at, seen)
        there = any_of(verdict for verdict, _ in seen.values())
        told += there is not Verdict.UNKNOWN
        if current is None and there is Verdict.PASS:
            current = _Open(at, tuple(id_ for id_, (verdict, _) in seen.items() if verdict is Verdict.PASS), terms)
        if current is None:
            continue
        held = checks(at)
        blind.saw(at, held)
        ended = current.went(at, there, held)
        if ended is not None:
            episodes.append(ended)
            current = None
    if current is not None:
        episodes.append(current.left())
    return Past(episodes=tuple(episodes), blind=tuple(blind.told()), moments=len(moments), told=told)


class _Open:
    """An episode that has started and is not over."""

    def __init__(self, at: float, symptoms: tuple[str, ...], terms: Terms) -> None:
        self._terms = terms
        self._episode = Episode(started=at, symptoms=symptoms)
        self._since: float | None = None  # when the checks began to hold

    def went(self, at: float, there: Verdict, held: Verdicts) -> Episode | None:
        """One moment further; the episode where it is over."""
        verdicts = {id_: held[id_][0] for id_ in self._terms.deciding if id_ in held}
        if at == self._episode.started:  # what passes before anything was done proves nothing yet
            already = tuple(id_ for id_, verdict in verdicts.items() if verdict is Verdict.PASS)
            self._episode = msgspec.structs.replace(self._episode, already=already)
            return None
        if there is Verdict.FAIL and self._episode.gone is None:
            self._episode = msgspec.structs.replace(self._episode, gone=at)
        elif there is Verdict.PASS:
            self._episode = msgspec.structs.replace(self._episode, gone=None)
        if not self._terms.measured or not verdicts:
            return self._episode if self._episode.gone is not None else None
        if all_of(verdicts.values()) is not Verdict.PASS:
            self._since = None
            return None
        self._since = at if self._since is None else self._since
        if at - self._since < self._terms.hold:
            return None
        return msgspec.structs.replace(self._episode, verified=at, still_there=there is Verdict.PASS)

    def left(self) -> Episode:
        """The episode as it is where nothing further was looked at."""
        return self._episode


class _Blind:
    """Gathers moments at which a check was unknown for one reason into times."""

    def __init__(self, step: float) -> None:
        self._step = step
        self._open: dict[str, Blind] = {}
        self._closed: list[Blind] = []

    def saw(self, at: float, verdicts: Verdicts) -> None:
        for id_, (verdict, reason) in verdicts.items():
            before = self._open.get(id_)
            if verdict is not Verdict.UNKNOWN:
                if before is not None:
                    self._closed.append(self._open.pop(id_))
                continue
            said = reason or "it cannot be told"
            if before is not None and before.reason == said and at - before.until <= self._step:
                self._open[id_] = msgspec.structs.replace(before, until=at)
                continue
            if before is not None:
                self._closed.append(before)
            self._open[id_] = Blind(id=id_, since=at, until=at, reason=said)

    def told(self) -> list[Blind]:
        return sorted([*self._closed, *self._open.values()], key=lambda one: (one.since, one.id))


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """An episode before the change, and the one after it that it overlaps; None where there is none."""

    before: Episode | None = None
    after: Episode | None = None

    @property
    def at(self) -> float:
        """When the first of the two started."""
        return min(one.started for one in (self.before, self.after) if one is not None)


def paired(before: Iterable[Episode], after: Iterable[Episode]) -> list[Pair]:
    """Episodes of two versions beside each other, in the order of time; each stands in one pair."""
    left, pairs = list(after), []
    for one in before:
        same = next((other for other in left if _overlap(one, other)), None)
        if same is not None:
            left.remove(same)
        pairs.append(Pair(before=one, after=same))
    pairs += [Pair(after=other) for other in left]
    return sorted(pairs, key=lambda pair: pair.at)


def _overlap(one: Episode, other: Episode) -> bool:
    return (one.ended is None or other.started <= one.ended) and (other.ended is None or one.started <= other.ended)
