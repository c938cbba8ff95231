"""The docs against the code: every document in them loads, every link leads somewhere, every name has its place."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import indent

import pytest

import runbook
from runbook import kinds
from runbook.authoring.markdown import without_comments
from runbook.bootstrap import Project
from runbook.document.findings import Finding
from runbook.document.frames.config import frame as config_frame
from runbook.document.frames.evidence_plan import frame as evidence_frame
from runbook.document.frames.runbook import frame as runbook_frame
from runbook.document.frames.scenario import frame as scenario_frame
from runbook.document.frames.steps import frame as steps_frame
from runbook.document.load import load
from runbook.document.model import Scenarios
from runbook.document.words import Role
from runbook.errors import DocumentError, RunbookError
from runbook.hosts.rehearsal import rehearsed
from runbook.lint.lint import lint

ROOT = Path(__file__).parents[2]
ENGINE = ROOT / "engine" / "runbook"
DOCS = ROOT / "docs"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md")), *sorted((ROOT / "schemas").glob("*.md"))]

_BLOCK = re.compile(r"^```ya?ml\n(.*?)^```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
# codes of errors that are values, not classes: `Error(code="exit", …)`, `_not_applied("changed", …)`
_VALUE = re.compile(
    r"""\bcode="([a-z][a-z_-]+)"|"code": "([a-z][a-z_-]+)"|\bcode = "([a-z-]+)" if .* else "([a-z-]+)"$"""
    r"""|_(?:not_applied|unsent|failed)\((?:writer, )?(?:command, )?"([a-z_-]+)"|^SETTLED = "([a-z]+)"$""",
    re.MULTILINE,
)


def documents() -> Iterator[tuple[str, str]]:
    """Every whole document in the docs, with where it begins."""
    for page in PAGES:
        text = page.read_text()
        for block in _BLOCK.finditer(text):
            said = [line for line in block[1].splitlines() if not line.startswith("#")]
            if said and said[0].startswith("apiVersion: runbook/"):
                yield f"{page.relative_to(ROOT)}:{text.count(chr(10), 0, block.start()) + 2}", block[1]


DOCUMENTS = dict(documents())


def findings(text: str) -> tuple[Finding, ...]:
    try:
        return load(text.encode(), kinds.specs()).findings
    except DocumentError as error:
        return error.findings


@pytest.mark.parametrize("where", DOCUMENTS)
def test_a_document_in_the_docs_loads_without_a_finding(where: str) -> None:
    """What somebody copies from the docs works."""
    assert findings(DOCUMENTS[where]) == ()


def test_the_docs_show_every_kind_of_document() -> None:
    """A kind of document without an example would be learnt from its error messages."""
    shown = {match[1] for text in DOCUMENTS.values() if (match := re.search(r"^kind: (\w+)", text, re.MULTILINE))}
    assert shown == {"Runbook", "Steps", "EvidencePlan", "Scenario", "Policy", "Catalog", "Regime", "Config"}


def keys(schema: object) -> Iterator[str]:
    """Every key that a document's schema names, at any depth; a kind's own inputs stand on its page."""
    if isinstance(schema, dict):
        for word, value in schema.items():
            if word == "properties" and isinstance(value, dict):
                yield from value
            yield from keys(value)
    elif isinstance(schema, list):
        for entry in schema:
            yield from keys(entry)


@pytest.mark.parametrize(
    "frame", [runbook_frame, steps_frame, evidence_frame, scenario_frame, config_frame], ids=lambda f: f.__module__
)
def test_every_key_of_a_document_is_on_the_format_page(frame: Callable[..., object]) -> None:
    """A key that the reference does not name is one that nobody finds."""
    schema = frame(kinds.specs()) if frame is config_frame else frame()
    page = (DOCS / "runbook-format.md").read_text()
    said = {word for code in re.findall(r"`([^`\n]+)`", page) for word in re.findall(r"\w+", code)}
    assert set(keys(schema)) - said == set()


def anchor(heading: str) -> str:
    """A heading's anchor, as forges make it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    return {anchor(heading) for heading in re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    """A link that leads nowhere is found here, and not on the night."""
    lost = []
    for found in _LINK.findall(_CODE.sub("", without_comments(page.read_text()))):
        link = found.removeprefix("<").removesuffix(">")
        path, _, heading = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if "://" in link or link.startswith("mailto:"):
            continue
        if not target.exists() or (heading and heading not in anchors(target)):
            lost.append(link)
    assert lost == []


def test_every_kind_has_its_page() -> None:
    """One page for each kind, and none for what is no kind."""
    assert {page.stem for page in (DOCS / "kinds").glob("*.md")} - {"README"} == set(kinds.MODULES)


def test_the_table_of_kinds_says_what_their_specs_say() -> None:
    """Name, effect and summary stand in one place, the spec; the table repeats them."""
    specs = [kinds.specs()[name] for name in sorted(kinds.MODULES)]
    rows = [f"| [{s.name}]({s.name}.md) | {s.effect or 'as `with.effect` says'} | {s.summary} |" for s in specs]
    table = re.findall(r"^\| \[.*$", (DOCS / "kinds" / "README.md").read_text(), re.MULTILINE)
    assert table == rows


def classes(base: type[RunbookError]) -> Iterator[type[RunbookError]]:
    """An error and everything below it, as far as the package defines it."""
    yield base
    for below in base.__subclasses__():
        yield from classes(below)


def error_codes() -> set[str]:
    for module in pkgutil.walk_packages(runbook.__path__, "runbook."):
        if module.name.startswith(("runbook.clients.", "runbook.journal.", "runbook.hosts.")):
            importlib.import_module(module.name)
    ours = {error.code for error in classes(RunbookError) if error.__module__.startswith("runbook.")}
    files = [path for path in ENGINE.rglob("*.py") if path.parent.name != "diff" and path.name != "rehearsing.py"]
    values = {code for path in files for found in _VALUE.findall(path.read_text()) for code in found}
    return ours - {RunbookError.code} | values - {""}


def test_every_error_code_has_its_section() -> None:
    """`docs/errors.md#<code>` is where the code of an error leads; nothing is listed that no longer exists."""
    headings = re.findall(r"^### (.+)$", (DOCS / "errors.md").read_text(), re.MULTILINE)
    assert {heading for heading in headings if not heading.startswith("RB")} == error_codes()


def test_the_scenarios_of_the_format_page_come_out_as_they_say(tmp_path: Path) -> None:
    """The page's grown runbook is one that works, not only one that loads."""
    shown = [text for where, text in DOCUMENTS.items() if where.startswith("docs/runbook-format.md")]
    *_, book = [text for text in shown if "\nkind: Runbook\nname: queue-stuck\n" in text]
    [scenarios] = [text for text in shown if "\nkind: Scenario\n" in text]
    (tmp_path / "queue-stuck.yaml").write_text(book)
    (tmp_path / "queue-stuck.scenarios.yaml").write_text(scenarios)
    assert lint([tmp_path], kinds.specs()).findings == ()
    script = Project(tmp_path).script("queue-stuck", near=tmp_path / "queue-stuck.yaml")
    played = load(scenarios.encode(), kinds.specs()).document
    assert isinstance(played, Scenarios)
    assert [rehearsed(script, case).differences for case in played.scenarios] == [(), ()]


def test_the_gate_of_the_readme_is_that_of_the_demo() -> None:
    """Who types `make demo` sees what they have read: the same change, by the digest that is approved."""
    demo = ROOT / "examples" / "demo"
    (scenarios,) = [document for _, document in Project(demo).scenarios("high-api-error-rate")]
    played = rehearsed(Project(demo).script("high-api-error-rate"), scenarios.scenarios[0])
    gate = next(record for record in played.records if record.type == "gate.opened")
    assert re.findall(r"^  digest    (\w+)$", (ROOT / "README.md").read_text(), re.MULTILINE) == [
        gate.data["digest"][:12]
    ]


BEFORE = "apiVersion: runbook/v1\nkind: Runbook\nname: x\ntitle: X\n"
AFTER = "verification:\n  checks:\n    - {id: zz, uses: tcp.connect, with: {host: h, port: 1}}\n"


def whole(part: str) -> str:
    """The document that a part of one would stand in; empty for what is no part of a runbook or of a configuration."""
    keys = set(re.findall(r"^([a-z_]+):", part, re.MULTILINE))
    if keys == {"connections"}:
        return "apiVersion: runbook/v1\nkind: Config\n" + part
    if part.startswith("- id:"):
        probe = kinds.specs()[re.findall(r"uses: (\S+)", part)[0]].role is Role.PROBE
        return whole(f"triage:\n{indent(part, '  ')}" if probe else f"steps:\n{indent(part, '  ')}")
    if keys == {"steps"}:
        return BEFORE + f"resolution:\n  - id: o\n{indent(part, '    ')}" + AFTER
    if keys and keys <= {"symptoms", "triage", "resolution", "about", "caution", "escalation", "parameters"}:
        return BEFORE + part + (AFTER if "resolution" in keys else "")
    return ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_part_of_a_document_is_right_but_for_the_names_of_the_rest(page: Path) -> None:
    """Keys, kinds, inputs and types; which `params`, `steps` and options there are, the rest of it would say."""
    parts = re.findall(r"^```yaml\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    wholes = [text for part in parts if "apiVersion" not in part and (text := whole(part))]
    names = {"RB032", "RB035"}
    assert [str(one) for text in wholes for one in findings(text) if one.code not in names] == []
