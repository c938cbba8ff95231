"""What `doctor` was told, on a page and as data."""

from __future__ import annotations

from runbook.doctor.checks import Check, Known, Status, Told, exit_of
from runbook.errors import Exit
from runbook.report.doctor import counts_object, doctor_object, doctor_text, summary_text
from runbook.report.style import Style


def told(status: Status, group: str = "api", text: str = "said", hint: str | None = "do this") -> Told:
    check = Check(group=group, about="step", work=Known(status=status, text=text))
    return Told(check=check, status=status, text=text, hint=hint)


def test_each_stands_under_its_heading_with_what_to_do() -> None:
    """The word comes first; what is well needs no hint, and the same hint is not said twice in a row."""
    several = [told(Status.OK), told(Status.FINDING), told(Status.UNREACHABLE), told(Status.NOT_CHECKED, "other")]
    assert doctor_text(several, Style(), {"api": "runbooks/api.yaml"}) == (
        "api (runbooks/api.yaml)\n"
        "  ok           step: said\n"
        "  finding      step: said\n"
        "               next: do this\n"
        "  unreachable  step: said\n"
        "\n"
        "other\n"
        "  not checked  step: said\n"
        "               next: do this"
    )


def test_what_one_reason_kept_from_being_checked_is_one_line() -> None:
    """Ten steps behind a server that is down need not be read one by one; they are still counted."""
    several = [told(Status.NOT_CHECKED, text="not asked: prometheus does not answer", hint=None) for _ in range(3)]
    checks = [Check(group="api", about=name, work=one.check.work) for name, one in zip("abc", several, strict=True)]
    named = [Told(check=check, status=one.status, text=one.text) for check, one in zip(checks, several, strict=True)]
    assert doctor_text(named, Style(), {}) == "api\n  not checked  a, b, c: not asked: prometheus does not answer"
    assert summary_text(named) == "0 ok, 3 not checked"


def test_it_fits_the_terminal_and_cannot_draw_on_it() -> None:
    """Long words of a server are broken; escapes in them are shown."""
    lines = doctor_text([told(Status.FINDING, text="word " * 40 + "\x1b[2J")], Style(width=60), {}).splitlines()
    assert max(map(len, lines)) <= 60
    assert "\\x1b[2J" in "".join(lines)


def test_colour_only_repeats_the_word() -> None:
    """Without it every word is still there."""
    several = [told(status) for status in Status]
    painted = doctor_text(several, Style(colour=True), {})
    for code in ("1", "2", "31", "32", "0"):
        painted = painted.replace(f"\x1b[{code}m", "")
    assert painted == doctor_text(several, Style(), {})


def test_the_numbers_say_how_it_is() -> None:
    """What is out of reach weighs more than a finding; what is not checked weighs nothing."""
    assert summary_text([]) == "0 ok"
    several = [told(Status.OK), told(Status.FINDING), told(Status.FINDING), told(Status.NOT_CHECKED)]
    assert summary_text(several) == "1 ok, 2 findings, 1 not checked"
    assert counts_object(several) == {"ok": 1, "finding": 2, "unreachable": 0, "not_checked": 1}
    assert exit_of(several) is Exit.INVALID
    assert exit_of([*several, told(Status.UNREACHABLE)]) is Exit.UNDETERMINED
    assert exit_of([told(Status.OK), told(Status.NOT_CHECKED)]) is Exit.OK


def test_as_data_each_is_whole() -> None:
    """Every hint, and in which environment."""
    [row] = doctor_object([told(Status.FINDING)], "prod")
    assert (row["environment"], row["group"], row["about"], row["check"]) == ("prod", "api", "step", "known")
    assert (row["status"], row["message"], row["hint"]) == ("finding", "said", "do this")
