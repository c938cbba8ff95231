"""Episodes are made of verdicts alone: what is unknown starts nothing, breaks what held, and ends nothing."""

from __future__ import annotations

import pytest

from runbook.authoring.backtest import Blind, Episode, Past, Terms, Verdicts, paired, past
from runbook.core.words import Verdict

WORDS = {"+": Verdict.PASS, "-": Verdict.FAIL, "?": Verdict.UNKNOWN}


def looked(symptoms: str, checks: str, *, hold: float = 0, measured: bool = True) -> Past:
    """A moment every minute: `+` passes, `-` fails, `?` cannot be told."""

    def of(name: str, words: str, at: float) -> Verdicts:
        word = words[int(at) // 60]
        return {name: (WORDS[word], "a gap" if word == "?" else None)}

    terms = Terms(deciding=("low",) if measured else (), hold=hold, measured=measured)
    moments = [60.0 * number for number in range(len(symptoms))]
    return past(moments, lambda at: of("high", symptoms, at), lambda at: of("low", checks, at), terms)


def minutes(found: Past) -> list[tuple[float, float | None]]:
    """When each episode started, and was verified."""
    return [(one.started / 60, one.verified / 60 if one.verified is not None else None) for one in found.episodes]


@pytest.mark.parametrize(
    ("symptoms", "checks", "hold", "episodes"),
    [
        ("------", "++++++", 0, []),
        ("-++---", "---+++", 0, [(1, 3)]),
        ("-++---", "---+++", 120, [(1, 5)]),
        ("-++---", "---+-+", 120, [(1, None)]),
        ("-++---", "-----+", 0, [(1, 5)]),
        ("-+-+--", "----++", 0, [(1, 4)]),
        ("-++-+-", "---+-+", 0, [(1, 3), (4, 5)]),
        ("+-----", "-+++++", 0, [(0, 1)]),
        ("-++++", "-----", 0, [(1, None)]),
        ("-?????", "++++++", 0, []),
        ("-+????", "--?+++", 0, [(1, 3)]),
        ("-+----", "--+?++", 60, [(1, 5)]),
    ],
)
def test_an_episode_lasts_until_the_checks_have_held(
    symptoms: str, checks: str, hold: float, episodes: list[tuple[float, float | None]]
) -> None:
    """Between two thresholds it goes on; a gap is neither trouble nor its end."""
    assert minutes(looked(symptoms, checks, hold=hold)) == episodes


def test_a_check_that_passes_at_the_start_proves_nothing() -> None:
    """It is named, and the first moment does not count."""
    [one] = looked("-++-", "-+++").episodes
    assert (one.already, one.verified, one.still_there) == (("low",), 120, True)


def test_checks_that_no_measurement_tells_end_nothing() -> None:
    """Then an episode is over when its symptoms are gone."""
    [one] = looked("-++-", "????", measured=False).episodes
    assert (one.verified, one.gone, one.ended) == (None, 180, 180)


def test_a_symptom_that_comes_back_is_not_gone() -> None:
    """The time at which it went is the last one."""
    [one] = looked("-+-+--", "------").episodes
    assert (one.gone, one.verified) == (240, None)


def test_what_could_not_be_told_is_told_as_times() -> None:
    """From the first moment to the last, by reason."""
    found = looked("-??-?", "-----")
    assert found.blind == (
        Blind(id="high", since=60, until=120, reason="a gap"),
        Blind(id="high", since=240, until=240, reason="a gap"),
    )
    assert (found.moments, found.told) == (5, 2)


def test_versions_are_compared_by_what_overlaps() -> None:
    """Each episode stands in one pair; what has no other side is new, or gone."""

    def at(started: float, verified: float | None) -> Episode:
        return Episode(started=started, verified=verified, symptoms=("high",))

    pairs = paired([at(10, 20), at(50, 60)], [at(15, 30), at(80, None)])
    assert [(p.before and p.before.started, p.after and p.after.started) for p in pairs] == [
        (10, 15),
        (50, None),
        (None, 80),
    ]
