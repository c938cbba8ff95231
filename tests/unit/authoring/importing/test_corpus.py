"""Runbooks as teams write them, in many shapes: every one becomes a draft that loads, and loses no word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook import kinds
from runbook.authoring.importing.commands import lines
from runbook.authoring.importing.draft import Draft, Parameters
from runbook.authoring.importing.markdown import draft
from runbook.authoring.importing.sections import part_of
from runbook.authoring.importing.settle import settled
from runbook.authoring.markdown import blocks, decoded
from runbook.document.findings import Severity
from runbook.document.load import load
from runbook.document.model import Runbook
from runbook.document.templates import render_value
from runbook.errors import UsageError
from runbook.lint.lint import lint

CASES = sorted((Path(__file__).parents[3] / "cases" / "markdown").glob("*.md"))


def imported(data: bytes, name: str = "fix.md") -> Draft:
    return settled(draft(data, name, kinds.specs()), kinds.specs())


def book(text: str) -> Runbook:
    document = load(imported(text.encode()).text("fix.md").encode(), kinds.specs()).document
    assert isinstance(document, Runbook)
    return document


def texts(value: object) -> str:
    """All texts of a document, as they are when it has been read."""
    if isinstance(value, dict):
        return "\n".join(map(texts, value.values()))
    return "\n".join(map(texts, value)) if isinstance(value, list) else str(value)


def words(text: str) -> set[str]:
    """Words of prose, which a reader would miss: what is no code and no title of a known part."""
    prose = re.sub(
        r"^ {0,3}(```+|~~~+).*?(?:^ {0,3}\1 *$|\Z)|`[^`\n]*`|<!--.*?-->", " ", text, flags=re.DOTALL | re.MULTILINE
    )
    lines = (
        line for line in prose.split("\n") if not part_of(line.strip("# ").strip()) and not line.startswith("    ")
    )
    return set(re.findall(r"[^\W\d_]{4,}", re.sub(r"\{\{.*?\}\}|\[ref\].*", " ", "\n".join(lines))))


def test_there_are_twenty() -> None:
    """No shape goes missing unseen."""
    assert len(CASES) == 20


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_runbook_becomes_a_draft_that_lints_to_findings_only(path: Path, tmp_path: Path) -> None:
    """No crash, no error: it loads as it is, and what is missing is marked."""
    text = imported(path.read_bytes(), path.name).text(path.name)
    (tmp_path / "draft.yaml").write_text(text)
    found = lint([tmp_path / "draft.yaml"], kinds.specs()).findings
    assert [str(one) for one in found if one.severity is Severity.ERROR] == []
    assert "TODO" in text


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_no_word_is_dropped(path: Path) -> None:
    """What was not understood stands in the draft: as a step by hand, in the background, or above it."""
    before = decoded(path.read_bytes())
    made = imported(path.read_bytes(), path.name)
    after = f"{texts(made.document)}\n{made.left}"
    assert words(before) - words(f"{after}\n{after.replace('`', ' ')}") == set()
    said = " ".join(render(after).split())
    for block in blocks(before):
        for line in block.text.split("\n"):
            known = any(found.steps for found in lines(line, Parameters()))
            assert known or " ".join(line.strip("# ").split()) in said


def render(text: str) -> str:
    """Braces as they were before they stood in a template."""
    return re.sub(r"\{\{ '(\{\{|\{%)' \}\}", r"\1", text)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            ["# Title", "## Diagnosis", "## Mitigation", "### A way", "## Verification",
             "## Escalation", "```sh", "```",
             "kubectl get pods -n $NS", "kubectl rollout undo deploy/api | cat", "1. One", "   - two", "- [ ] three",
             "| a | b |", "|---|---|", "text {{ x }} {% y", "> quote", "<b>", "    indented",
             "---", "", "`code` · alert",
             "`x` · `command.run` · reads", "**Bold**", "- passes when: `value >`", "\tq", "<!-- c", "-->", "0", "é—x"]
        ),
        max_size=24,
    ).map("\n".join)
)  # fmt: skip
def test_any_text_becomes_a_draft_that_loads(text: str) -> None:
    """Whatever stands beside what: a draft, or the sentence why there is none."""
    try:
        assert book(text).resolution
    except UsageError as error:
        assert error.message == "it is empty"


def test_headings_are_read_as_people_write_them() -> None:
    """Both families of names, and what stands below them."""
    made = book(
        "# X\n\n## What it means\n\nA.\n\n## User impact\n\nB.\n\n## Initial checks\n\nLook.\n\n## How to fix\n\n"
        "### Restart it\n\nR.\n\n### Scale it\n\nS.\n\n## References\n\n[a](https://example.com)\n"
    )
    assert (made.description, made.impact) == ("A.", "B.")
    assert [step.inputs["text"] for step in made.triage] == ["Look."]
    assert [option.title for option in made.resolution] == ["Restart it", "Scale it"]
    assert [link.url for link in made.links] == ["https://example.com"]


def test_a_command_that_is_understood_is_planned_and_any_other_is_a_persons() -> None:
    """In their order, line by line; what is a person's says the whole of it."""
    made = imported(
        b"# X\n\n## Mitigation\n\n```sh\nkubectl -n a rollout undo deploy/b\nkubectl edit deploy/b\n```\n\nWait.\n"
    )
    steps = made.document["resolution"][0]["steps"]
    assert [step["uses"] for step in steps] == [
        "kubernetes.rollout_undo",
        "manual.do",
    ]
    assert "kubectl edit deploy/b" in steps[1]["with"]["text"] and "Wait." in steps[1]["with"]["text"]
    assert [str(left) for left in made.left] == [
        "line 5: `kubectl edit deploy/b` is no kind of step; kept as a step by hand"
    ]


def test_nothing_is_changed_by_what_only_looks() -> None:
    """A command that changes something, in the middle of a diagnosis, is a person's."""
    made = imported(
        b"# X\n\n## Diagnosis\n\n1. `kubectl delete pod a`\n2. `kubectl get pod a`\n\n"
        b"## Mitigation\n\n`kubectl delete pod a`\n"
    )
    assert [step["uses"] for step in made.document["triage"]] == ["manual.do", "kubernetes.get"]
    assert made.document["resolution"][0]["steps"][0]["uses"] == "kubernetes.delete_pod"


def test_a_title_with_nothing_below_it_is_something_to_do() -> None:
    """And words between links are kept."""
    made = book(
        "# X\n\n## Mitigation\n\n### Call the network people\n\n### Wait\n\n"
        "## Links\n\nAsk Kim for <https://example.com>\n"
    )
    assert [option.steps[0].inputs["text"] for option in made.resolution] == ["Call the network people", "Wait"]
    assert "Ask Kim" in str(made.about) and made.links[0].url == "https://example.com"


def test_braces_of_other_tools_stay_what_they_are() -> None:
    """They are no templates of ours."""
    made = book("# X\n\n## Mitigation\n\nSet {{ .Values.a }} and {% b.\n")
    [step] = made.resolution[0].steps
    assert render_value(step.inputs["text"], {}) == "Set {{ .Values.a }} and {% b."


def test_whom_to_tell_and_call_is_read() -> None:
    """When where it is said; contacts by name."""
    made = book(
        "# X\n\n## Communication\n\n- Say that it began\n- Every 30 minutes: say how it goes\n"
        "- Say when it is resolved\n\n"
        "## Escalation\n\nCall early.\n\n| who | how |\n|---|---|\n| Storage | +49 1 |\n\n- Network: #net\n"
    )
    assert [(m.every or str(m.at), m.to) for m in made.communication] == [
        ("start", "TODO"),
        (1800.0, "TODO"),
        ("resolved", "TODO"),
    ]
    assert made.escalation is not None and made.escalation.message == "Call early."
    assert [(c.name, c.reach) for c in made.escalation.contacts] == [("Storage", "+49 1"), ("Network", "#net")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# X\n\n" + "a" * 20_000, "line 3 of it is longer than 16384 characters"),
        ("# X\n\n" + "```\n" * 9000, "it has 4500 parts; the limit is 2000"),
        ("1. do\n" * 2500, "it has 2501 parts; the limit is 2000"),
    ],
    ids=["line", "blocks", "entries"],
)
def test_what_no_document_can_hold_is_refused_at_once(text: str, said: str) -> None:
    """With the sentence that says why, and not after minutes."""
    with pytest.raises(UsageError) as caught:
        draft(text.encode(), "x.md", kinds.specs())
    assert caught.value.message == said and caught.value.hint
