"""`Steps` documents on the command line: what `show` and `explain` say of one, and what `list` says of all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from runbook.cli.session import Session
from runbook.errors import DocumentError, Exit

if TYPE_CHECKING:
    from runbook.document.model import Step
    from runbook.hosts.collecting import Collected


def is_part(session: Session, name: str) -> bool:
    """Whether a name (or a file) is that of a `Steps` document, and of no runbook."""
    from runbook.bootstrap import heading

    project = session.project
    if name.endswith((".yaml", ".yml")) and Path(name).is_file():
        found = heading(Path(name))
        return found is not None and found[0] == "Steps"
    return name in project.parts() and name not in project.runbooks()


def told(session: Session, name: str, output: str) -> Exit:
    """One `Steps` document: what it needs, what it looks at, and how it is included."""
    part = session.project.part(name)
    if output == "json":
        steps = {step.id: _describe(step) for step in part.document.steps}
        return session.result({"path": part.path, "document": part.document, "steps": steps})
    session.print("\n".join(_lines(session, part)))
    return Exit.OK


def _describe(step: Step) -> str:
    from runbook import kinds

    line: str = kinds.get(step.uses).describe(step.inputs)
    return line


def _lines(session: Session, part: Collected) -> list[str]:
    from runbook.report.layout import heading, labelled, paragraph
    from runbook.report.safe import shown
    from runbook.report.show import parameter_row

    style, document = session.out_style, part.document
    lines = [
        heading(document.title or document.name, style),
        *labelled("name", f"{document.name} ({part.path})", style),
    ]
    lines += ["", *paragraph(document.description, style)] if document.description else []
    needed = [parameter_row(name, parameter)[:2] for name, parameter in document.parameters.items()]
    seen = [(step.id, shown(_seen(step))) for step in document.steps]
    for title, each in (("Parameters", needed), ("It looks at", seen)):
        lines += ["", heading(title, style)] if each else []
        for label, text in each:
            lines += labelled(label, text, style, width=max(10, *(len(label) + 2 for label, _ in each)))
    given = ", ".join(name for name, parameter in document.parameters.items() if parameter.required)
    needs = f", with: {given}" if given else ""
    return [*lines, "", *paragraph(f"In a runbook: include: {document.name}, as: PREFIX{needs}", style, indent=0)]


def _seen(step: Step) -> str:
    expects = f", expects {step.expect}" if step.expect else ""
    only = f", only when {step.when}" if step.when else ""
    return f"{step.title or _describe(step)} ({step.uses}){expects}{only}"


def rows(session: Session) -> list[dict[str, Any]]:
    """All `Steps` documents of the library; those that cannot be used are marked."""
    project = session.project
    found: list[dict[str, Any]] = []
    for name, path in project.parts().items():
        try:
            document = project.part(name).document
        except DocumentError:
            found.append({"name": name, "path": project.shown(path), "valid": False})
        else:
            found.append({"name": name, "title": document.title, "path": project.shown(path), "valid": True})
    return found


def lines(session: Session, found: list[dict[str, Any]]) -> list[str]:
    """The same as text, below the list of runbooks."""
    from runbook.report.layout import table

    cells = [(row["name"], row["title"] or "-") for row in found if row["valid"]]
    return table(cells, session.out_style, header=("steps to include", "title")) if cells else []
