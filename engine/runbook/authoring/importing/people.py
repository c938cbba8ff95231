"""What a Markdown runbook says about people: whom to tell and when, whom to call, where to look."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator
from typing import Any, Final

from runbook.authoring.emit import literal
from runbook.authoring.importing.draft import TODO
from runbook.authoring.importing.sections import Piece

_LINK = re.compile(r"\[([^\[\]]+)\]\(<?(https?://[^\s)>]+)>?\)|(?<![(<\"])<?(https?://[^\s)>\"]+)>?")
_EVERY = re.compile(r"\bevery\s+(\d+)\s*(s|sec|m|min|h|hour|minute|second)", re.IGNORECASE)
_PAGE = re.compile(
    r"Page \*\*([a-z0-9][a-z0-9-]*)\*\* when nothing has helped.*?(?:in any case (\w+) after the symptoms.*)?\Z"
)
_NAMED = re.compile(r"\*{0,2}([^:*|]{2,60}?)\*{0,2}\s*[:–—-]\s+(.+)")
_MOMENTS: Final = {
    "when it begins": "start",
    "when it is resolved": "resolved",
    "when it ends otherwise": "not_resolved",
    "when it ends": "finished",
}


def links(pieces: Iterable[Piece]) -> list[dict[str, str]]:
    """Every link of a section, each once."""
    found: dict[str, str] = {}
    for piece in pieces:
        for title, url, bare in _LINK.findall(piece.raw):
            found.setdefault(url or bare.rstrip(".,"), title or bare)
    return [{"title": title, "url": url} for url, title in found.items()]


def is_links(piece: Piece) -> bool:
    """Whether a piece says nothing but where to look."""
    return not re.search(r"\w", _LINK.sub("", piece.raw))


def communication(pieces: Iterable[Piece]) -> list[dict[str, Any]]:
    """A message for each paragraph and entry; to whom, only a person knows. The table of a page of ours says it."""
    made: list[dict[str, Any]] = []
    for piece in pieces:
        if piece.form == "table" and piece.raw.startswith("| when | to | what |"):
            made += list(_table(piece))
        else:
            for text in piece.entries or (piece.raw,):
                made += [{**_moment(text), "to": TODO, "text": literal(text)}]
    return made


def _moment(text: str) -> dict[str, str]:
    """When it is said: at the end where that is named, every so often, else when it begins."""
    every = _EVERY.search(text)
    if every:
        return {"every": f"{every[1]}{every[2][0].lower()}"}
    over = re.search(r"\b(resolved|recover(?:s|ed)|fixed|all clear|over)\b", text, re.IGNORECASE)
    return {"at": "resolved" if over else "start"}


def _table(piece: Piece) -> Iterator[dict[str, Any]]:
    for cells in _rows(piece):
        when, to, what = (*cells, "", "", "")[:3]
        moment = (
            {"every": when.removeprefix("every ")} if when.startswith("every ") else {"at": _MOMENTS.get(when, "start")}
        )
        said = re.fullmatch(r"template ([a-z][a-z0-9_-]*)(?: \(only when (.+)\))?", what)
        body = {"template": said[1]} if said else {"text": literal(what)}
        yield {**moment, "to": to.strip("`"), **body, **({"when": said[2]} if said and said[2] else {})}


def escalation(pieces: Iterable[Piece]) -> dict[str, Any]:
    """Who is paged, what is said, and who can help."""
    made: dict[str, Any] = {}
    said: list[str] = []
    contacts: list[dict[str, str]] = []
    for piece in pieces:
        page = _PAGE.fullmatch(" ".join(piece.raw.split()).rstrip("."))
        if page:
            made |= {"to": page[1], **({"after": page[2]} if page[2] else {})}
        elif piece.form == "table":
            said += [row[0] for row in _rows(piece) if row[0] and not any(row[1:])]
            contacts += [
                {"name": row[0] or TODO, "reach": ", ".join(filter(None, row[1:]))}
                for row in _rows(piece)
                if any(row[1:])
            ]
        elif piece.form == "list":
            for entry in piece.entries:
                named = _NAMED.fullmatch(" ".join(entry.split()))
                if named:
                    contacts.append({"name": named[1], "reach": named[2]})
                else:
                    said.append(entry)
        else:
            said.append(piece.raw.removeprefix("> ").replace("\n> ", "\n"))
    if not (made or said or contacts):
        return {}
    made.setdefault("to", TODO.lower())
    made |= {"message": literal("\n\n".join(said))} if said else {}
    return made | ({"contacts": contacts} if contacts else {})


def parameters(pieces: Iterable[Piece]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The parameters of a page of ours: name, variable and definition, with the value that its commands begin with."""
    kept = list(pieces)
    values: dict[str, str] = {}
    for fence in (piece for piece in kept if piece.form == "fence"):
        pairs = (line.partition("=") for line in fence.text.split("\n"))
        values |= {name: value for name, _, value in pairs if value and not value.startswith(" ")}
    for table in (piece for piece in kept if piece.raw.startswith("| parameter | below | meaning | value |")):
        for name, variable, meaning, where in _rows(table):
            definition: dict[str, Any] = {"type": "string"} | ({"description": meaning} if meaning else {})
            default = values.get(variable.strip("`$"))
            if default is not None:
                definition |= _default(default)
            alert = re.search(r"from ((?:labels|annotations)\.\w+) of the alert", where)
            yield name.strip("`"), variable.strip("`$"), definition | ({"from_alert": alert[1]} if alert else {})


def _default(text: str) -> dict[str, Any]:
    """A value of the shell as that of a parameter: a number, true or false, a list, else text."""
    value = " ".join(shlex.split(text))
    try:
        data = json.loads(value)
    except ValueError:
        data = value
    kinds = {bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}
    kind = kinds.get(type(data), "string")
    return {"type": kind, "default": value if kind == "string" else data}


def _rows(piece: Piece) -> Iterator[list[str]]:
    """The rows of a table, as plain cells; without its header."""
    for line in piece.raw.split("\n")[2:]:
        cells = re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))
        yield [cell.replace("\\|", "|").strip() for cell in cells]
