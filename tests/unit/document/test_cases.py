"""Documents that must load, and documents whose every message is written beside them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runbook import errors
from support.cases import CASES, INVALID, VALID, findings

DOCS = CASES.parents[1] / "docs" / "errors.md"
SOURCES = CASES.parents[1] / "engine" / "runbook"


@pytest.mark.parametrize("file", VALID, ids=lambda file: file.stem)
def test_a_valid_document_loads_without_a_finding(file: Path) -> None:
    """Nothing is said about a document that is right."""
    assert findings(file.read_bytes(), file.name) == ()


@pytest.mark.parametrize("file", INVALID, ids=lambda file: file.stem)
def test_an_invalid_document_yields_exactly_the_lines_beside_it(file: Path) -> None:
    """All findings come at once, in the order of the file, each with its place and what to do."""
    got = "".join(f"{finding}\n" for finding in findings(file.read_bytes(), file.name))
    assert got == file.with_suffix(".expected").read_text()


def test_every_case_has_its_message_and_every_message_its_case() -> None:
    """A file without its other half would test nothing."""
    expected = {file.stem for file in (CASES / "invalid").glob("*.expected")}
    assert expected == {file.stem for file in INVALID}


def _codes() -> set[str]:
    """Of what makes a document unusable or surely mistaken; the rules of lint have pages of their own."""
    files = [file for folder in ("document", "lint", "authoring") for file in (SOURCES / folder).rglob("*.py")]
    return {code for file in files for code in re.findall(r'"(RB0\d{2})"', file.read_text())}


def _of_postmortems() -> set[str]:
    """Of what is said about a postmortem, which is no document of ours."""
    files = [*(SOURCES / "incident").rglob("*.py"), SOURCES / "cli" / "postmortem.py"]
    return {code for file in files for code in re.findall(r'"(RB2\d{2})"', file.read_text())}


def test_every_code_has_its_paragraph_in_the_docs() -> None:
    """`docs/errors.md#<code>` is where a message's code leads, with nothing listed that no longer exists."""
    listed = re.findall(r"^### (RB\d{3})", DOCS.read_text(), re.MULTILINE)
    said = _codes() | _of_postmortems()
    assert (sorted(set(listed)), len(listed)) == (sorted(said), len(said))


def test_every_error_of_the_tree_has_its_paragraph_too() -> None:
    """`docs/errors.md#<code>` exists for what stops a command as well."""
    codes = {error.code for error in vars(errors).values() if isinstance(error, type) and hasattr(error, "code")}
    headings = re.findall(r"^### (.+)$", DOCS.read_text(), re.MULTILINE)
    assert codes - {"error"} <= set(headings)


def test_every_code_of_a_document_has_a_case() -> None:
    """A rule without a case could say anything; between documents and of files, `tests/unit/lint` has them."""
    said = {code for file in INVALID for code in re.findall(r" (RB\d{3}): ", file.with_suffix(".expected").read_text())}
    elsewhere = {"RB001", "RB003", "RB040", "RB050", "RB051", "RB052", "RB053", "RB055", "RB056", "RB057", "RB058"}
    elsewhere |= {"RB059", "RB060", "RB061", "RB070", "RB071", "RB073", "RB074", "RB075", "RB076", "RB078", "RB098"}
    assert said | elsewhere == _codes()
