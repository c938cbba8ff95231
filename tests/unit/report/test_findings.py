"""Findings point at the place they are about."""

from __future__ import annotations

import json

from runbook.document.findings import Finding, Severity
from runbook.report.findings import findings_object, findings_text, summary_text
from runbook.report.safe import columns
from runbook.report.style import Style
from support.hostile import EVIL, inert

FINDING = Finding(
    path="runbooks/api.yaml",
    line=2,
    column=3,
    code="RB021",
    message="unknown key 'timout' in step 'undo'",
    hint="did you mean 'timeout'?",
)


def test_a_finding_shows_its_line_with_a_caret():
    """Where, what, the line, the place in it, what next."""
    text = findings_text([FINDING], Style(), {"runbooks/api.yaml": "steps:\n  timout: 5m\n"})
    assert text.splitlines() == [
        "runbooks/api.yaml:2:3: error[RB021] unknown key 'timout' in step 'undo'",
        "    2 |   timout: 5m",
        "      |   ^",
        "    hint: did you mean 'timeout'?",
    ]


def test_without_the_source_the_place_is_enough():
    """A file that cannot be read still has findings."""
    assert len(findings_text([FINDING], Style()).splitlines()) == 2
    assert "^" not in findings_text([FINDING], Style(), {"runbooks/api.yaml": "one line"})


def test_a_caret_far_to_the_right_stays_on_the_page():
    """The beginning of a long line gives way to the place that is meant."""
    far = Finding(path="x", line=1, column=500, code="RB1", message="here")
    _, quoted, caret = findings_text([far], Style(), {"x": "a" * 499 + "HERE" + "b" * 200}).splitlines()
    assert columns(quoted) <= 80
    assert quoted[caret.index("^") :].startswith("HERE")


def test_a_caret_stands_under_wide_characters_too():
    """Columns of the terminal are counted, not characters."""
    wide = Finding(path="x", line=1, column=4, code="RB1", message="here")
    _, quoted, caret = findings_text([wide], Style(), {"x": "日本 X"}).splitlines()
    assert columns(quoted[: quoted.index("X")]) == caret.index("^")


def test_a_hostile_line_is_quoted_harmlessly():
    """Lint reads files before anybody has reviewed them."""
    evil = Finding(path=f"x{EVIL}", line=1, column=3, code="RB002", message=EVIL, hint=EVIL)
    assert inert(findings_text([evil], Style(), {f"x{EVIL}": EVIL}))


def test_json_has_every_key_of_every_finding():
    """The shape that editors and CI read."""
    whole = json.loads(json.dumps(findings_object(3, [FINDING])))
    assert (whole["format"], whole["files"]) == (1, 3)
    assert whole["findings"][0].keys() == {"code", "severity", "message", "path", "line", "column", "hint"}


def test_the_summary_counts_in_words():
    """One file is not `1 files`."""
    warning = Finding(path="x", line=1, column=1, code="RB1", message="m", severity=Severity.WARNING)
    assert summary_text(1, [FINDING, warning, warning]) == "1 file, 1 error, 2 warnings"
