"""A scenario that failed is told so that the reason can be seen: what differs, and what led there."""

from __future__ import annotations

from runbook.report.style import Style
from runbook.report.tested import Played, Told, played_object, played_text
from runbook.scenario.judging import Difference
from runbook.scenario.sequences import beside

TOLD = Difference("told", "a/b", "a/c", beside(["a/b", "x/y"], ["a/c", "x/y"]), ("told",))


def failed(**keys: object) -> Played:
    plain = {
        "path": "a.yaml",
        "runbook": "api",
        "name": "it's bad",
        "took": 90.0,
        "differences": (TOLD,),
        "lines": (7,),
    }
    return Played(**{**plain, **keys})  # type: ignore[arg-type]


def test_lists_are_told_as_one_with_what_is_missing_and_what_is_too_much() -> None:
    """What is as it should be stands between, so that the place can be seen."""
    lines = played_text(failed(), Style(), terminal=False).splitlines()
    assert lines == [
        "FAIL api: it's bad (1m30s)",
        "     a.yaml:7: told",
        "       - a/b",
        "       + a/c",
        "         x/y",
        "     what led there",
        """     play it: runbook run api --rehearse 'it'"'"'s bad'""",
    ]
    words = played_text(failed(), Style(), terminal=True)
    assert "missing     a/b" in words
    assert "unexpected  a/c" in words


def test_of_a_long_story_the_middle_is_left_out() -> None:
    """How it began and how it ended say most; JSON has all of it."""
    story = tuple(Told(float(at), None, "·", "plain", f"fact {at}") for at in range(100))
    text = played_text(failed(story=story), Style(width=200), terminal=False)
    assert "fact 19\n" in text
    assert "… 60 more …" in text
    assert "fact 20\n" not in text
    assert "fact 80\n" in text
    assert len(played_object(failed(story=story))["story"]) == 100


def test_what_comes_from_elsewhere_is_harmless() -> None:
    """A name or a value could redraw the terminal."""
    evil = Difference("outcome", "x", "\x1b[2J", (), ("outcome",))
    text = played_text(failed(name="\x1b]52;", differences=(evil,)), Style(), terminal=True)
    assert "\x1b" not in text


def test_long_lines_are_broken_on_a_narrow_terminal() -> None:
    """And stand under their beginning."""
    wide = Difference("outcome", "x", "y", beside(["word " * 30], []), ("outcome",))
    lines = played_text(failed(differences=(wide,)), Style(width=60), terminal=True).splitlines()
    assert max(map(len, lines)) <= 60
