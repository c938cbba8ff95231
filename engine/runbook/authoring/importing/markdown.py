"""A Markdown runbook as a draft: the sections that people write, each as the part of a runbook that it is.

A page of `render` brings its document along and becomes exactly that again. What was changed on it by hand since is
kept and named: which of the two is right only a person knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from runbook.authoring.emit import literal
from runbook.authoring.importing.cards import marks, unescaped
from runbook.authoring.importing.draft import TODO, Draft, Ids, Left, Parameters, completed, never
from runbook.authoring.importing.people import communication, escalation, is_links, links, parameters
from runbook.authoring.importing.sections import Piece, Section, sections
from runbook.authoring.importing.steps import Made, Steps
from runbook.authoring.markdown import decoded
from runbook.authoring.page.source import taken_out
from runbook.authoring.walk import name_of
from runbook.document.build import symptom_id
from runbook.document.characters import MAX_LINE
from runbook.document.spec import Specs
from runbook.errors import UsageError

MOST_PARTS: Final = 2000  # paragraphs, blocks and entries of lists
_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_ALERT = re.compile(r"\b[A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+\b")
_SEVERITY = re.compile(r"\bSEV[ -]?([1-4])\b", re.IGNORECASE)


def draft(data: bytes, file: str, specs: Specs) -> Draft:
    """The draft of a Markdown file of that name; UsageError for what is no text, empty, or too large."""
    kept = taken_out(decoded(data))
    if kept.document is None:
        return _Reader(kept.text, file, specs).draft()
    further = tuple(Draft(part) for part in kept.parts)
    if kept.unchanged:
        return Draft(kept.document, further=further)
    note = "it was changed by hand after it was rendered"
    left = Left("", note, f"its steps are those of its source; the page as it is now stands in `about` as {TODO}")
    about = "\n\n".join(filter(None, (kept.document.get("about"), f"{TODO}: {note}. It says now:", kept.text)))
    return Draft({**kept.document, "about": about}, (left,), further)


class _Reader:
    """Reads one document."""

    def __init__(self, text: str, file: str, specs: Specs) -> None:
        long = next((at for at, line in enumerate(text.split("\n"), 1) if len(line) > MAX_LINE), None)
        if long is not None:
            raise UsageError(f"line {long} of it is longer than {MAX_LINE} characters", hint="break it, or take it out")
        front = _FRONT.match(text)
        self._front = front[1].strip() if front else ""
        body = "\n" * front[0].count("\n") + text[front.end() :] if front else text  # lines keep their numbers
        self._file = file
        self._specs = specs
        self._ids = Ids()
        self._parameters = Parameters()
        self._steps = Steps(self._ids, self._parameters, specs)
        self._sections = _with_instructions(sections(body))
        parts = sum(1 + len(piece.entries) for section in self._sections for piece in section.pieces)
        if parts > MOST_PARTS:
            raise UsageError(f"it has {parts} parts; the limit is {MOST_PARTS}", hint="split it into several files")
        self._later: list[Section] = []  # what a person does in the end

    def draft(self) -> Draft:
        """The draft."""
        found: dict[str, Any] = {"name": name_of(self._file), "title": self._title()}
        severity = _SEVERITY.search(" ".join([self._front, *(s.title for s in self._sections)]))
        found |= {"severity": f"SEV{severity[1]}"} if severity else {}
        self._reserve()
        for name, variable, definition in parameters(self._pieces("about")):
            self._parameters.declare(name, variable, definition)
        found["symptoms"] = self._symptoms()
        found["triage"] = [made.keys for section in self._of("triage") for made in self._of_section(section)]
        found["resolution"] = self._resolution()
        found["verification"] = {"checks": self._checks()}
        found["finally"] = self._last()
        found["impact"] = self._words("impact")
        found["description"] = self._words("description")
        found["links"] = links(self._pieces("links"))
        found["communication"] = communication(self._pieces("communication"))
        found["escalation"] = escalation(self._pieces("escalation"))
        found["about"] = self._about()
        found["parameters"] = self._parameters.used
        return Draft(completed(found, self._ids), tuple(self._steps.left))

    # --- sections by part ----------------------------------------------------------------------------------------

    def _of(self, part: str) -> Iterator[Section]:
        return (section for section in self._sections if section.part == part)

    def _pieces(self, part: str) -> list[Piece]:
        return [piece for section in self._of(part) for piece in section.pieces]

    def _title(self) -> str:
        named = re.search(r"^title:[ \t]*(.+?)[ \t]*$", self._front, re.MULTILINE)
        first = next((section.title for section in self._sections if section.is_title), "")
        return first or (named[1].strip("\"'") if named else "") or self._file

    def _words(self, part: str) -> str:
        """What a part says, as Markdown; its subsections with their headings."""
        return "\n\n".join(_spelt(section, heading=not section.own) for section in self._of(part)).strip()

    def _reserve(self) -> None:
        """Ids that the page says are nobody else's."""
        for section in self._sections:
            known, _ = marks(section.pieces)
            if known and known.word != "include":
                self._ids.of(known.id)

    def _about(self) -> str:
        """What is background, and what no part of a runbook is: all of it is kept, with its headings."""
        parts = [f"```yaml\n{self._front}\n```"] if self._front else []
        if self._front:
            self._note(1, "what stands before the first line", "kept in `about`")
        for section in self._sections:
            text = _spelt(section, heading=not section.is_title)
            comments = [p for p in section.pieces if p.form == "html" and section.part in ("triage", "resolution")]
            for piece in comments:
                self._note(piece.line, "HTML", "kept in `about`")
                parts.append(piece.raw)
            is_ours = section.part not in ("about", None) and section not in self._later and not _includes(section)
            if not is_ours and (section.pieces or not section.is_title):
                parts.append(text)
                if section.part is None and section.title and not section.is_title:
                    self._note(
                        section.line, f"the section {section.title!r} is no part of a runbook", "kept in `about`"
                    )
        said = self._words("symptoms")
        parts += [f"Symptoms:\n\n{said}"] if said else []
        parts += [piece.raw for piece in self._pieces("links") if not is_links(piece)]
        return "\n\n".join(part for part in parts if part.strip())

    def _note(self, line: int, what: str, kept: str) -> None:
        self._steps.left.append(Left(f"line {line}", what, kept))

    # --- the parts -------------------------------------------------------------------------------------------------

    def _symptoms(self) -> list[dict[str, Any]]:
        """Alerts by their names, which are written in one word; what is measured only if a page of ours says how."""
        made: list[dict[str, Any]] = []
        for section in self._of("symptoms"):
            known, _ = marks(section.pieces)
            if known and known.word != "alert":
                steps = [
                    one.keys for one in self._steps.of(section.pieces, unescaped(section.title)) if not one.by_hand
                ]
                made += [step for step in steps if "expect" in step]
                continue
            text = " ".join([section.title, *(piece.text for piece in section.pieces)])
            made += [{"alert": name} for name in _ALERT.findall(text)]
        title = self._title()
        if not made and _ALERT.fullmatch(title):
            made.append({"alert": title})
        unique = list({repr(sorted(one.items(), key=str)): one for one in made}.values())
        for one in unique:
            if "alert" in one:
                self._ids.of(symptom_id(one["alert"]))
        return unique

    def _last(self) -> list[dict[str, Any]]:
        """Reads at the end of a run; what a person does there is kept as background."""
        made = [(section, one) for section in self._of("finally") for one in self._of_section(section)]
        self._later = [section for section, one in made if one.by_hand]
        return [one.keys for _, one in made if not one.by_hand]

    def _of_section(self, section: Section, *, instructs: bool = False) -> list[Made]:
        if _includes(section):
            return []  # the steps below it are read as they stand there
        title = "" if section.own else unescaped(section.title)
        return self._steps.of(section.pieces or self._bare(section), title, instructs=instructs)

    def _bare(self, section: Section) -> tuple[Piece, ...]:
        """A title with nothing below it says what is to be done."""
        at = self._sections.index(section)
        below = self._sections[at + 1 : at + 2]
        if section.own or not section.title or (below and below[0].level > section.level):
            return ()
        return (Piece("text", section.title, section.title, section.line),)

    def _resolution(self) -> list[dict[str, Any]]:
        """Each subsection of the resolution is an option; what stands above them all is one too."""
        options: list[dict[str, Any]] = []
        level = 0
        for section in self._of("resolution"):
            known, pieces = marks(section.pieces)
            opens = section.own or not options or section.level <= level or (known and known.word == "option")
            if not opens:
                options[-1]["steps"] += [made.keys for made in self._of_section(section, instructs=True)]
                continue
            level = section.level if not section.own else section.level + 1
            title = re.sub(r"^\d+[.)]\s+", "", unescaped(section.title)) or self._title()
            option: dict[str, Any] = {"id": known.id if known else self._ids.of(title, "option")}
            option |= {"title": title, **(known.facts if known else {}), "steps": []}
            if known and known.word == "option":
                option["description"] = "\n\n".join(piece.raw for piece in pieces)
            else:
                own = pieces or self._bare(section)
                option["steps"] = [made.keys for made in self._steps.of(own, "", instructs=True)]
            options.append(option)
        return [_whole(option) for option in options if option["steps"] or option.get("description")]

    def _checks(self) -> list[dict[str, Any]]:
        """Checks that can be told by a machine; a person's are kept in the words of one that never passes."""
        checks: list[dict[str, Any]] = []
        for section in self._of("verification"):
            made = self._of_section(section)
            if any("expect" in one.keys or self._judges(one) for one in made):
                made = [one for one in made if not self._is_prose(one)]
            for one in made:
                if "expect" in one.keys or self._judges(one):
                    checks.append(one.keys)
                    continue
                said = one.keys["with"].get("text") or f"{one.keys['uses']}: {one.keys['with']}"
                text = "\n\n".join(filter(None, (one.keys.get("description"), str(said))))
                check = never(self._ids, text, one.keys.get("title") or "Is the trouble over?")
                checks.append({**check, "id": one.keys["id"]})
        return checks

    def _judges(self, made: Made) -> bool:
        return not made.by_hand and self._specs[made.keys["uses"]].expect is not None

    def _is_prose(self, made: Made) -> bool:
        """The sentence above the checks of a page of ours."""
        return made.by_hand and str(made.keys["with"].get("text", "")).startswith("All of these must pass in one round")


def _includes(section: Section) -> bool:
    """Whether it is the card of steps that a page of ours has from another document."""
    known, _ = marks(section.pieces)
    return known is not None and known.word == "include"


def _with_instructions(found: list[Section]) -> list[Section]:
    """Where no section says what is to be done, those that tell somebody to do something are that."""
    if any(section.part in ("resolution", "triage") for section in found):
        return found
    return [s._replace(part="resolution") if s.part is None and any(map(_instructs, s.pieces)) else s for s in found]


def _instructs(piece: Piece) -> bool:
    return piece.form == "fence" or (piece.form == "list" and (piece.ordered or piece.boxes))


def _whole(option: dict[str, Any]) -> dict[str, Any]:
    """An option with its steps last; of one that only says something, a person does that."""
    steps, said = option.pop("steps"), option.pop("description", "")
    if not steps:
        steps = [{"id": f"{option['id'][:50]}_by_hand", "uses": "manual.do", "with": {"text": literal(said)}}]
        said = ""
    return {**option, **({"description": said} if said else {}), "steps": steps}


def _spelt(section: Section, *, heading: bool) -> str:
    head = [f"### {section.title}"] if heading and section.title else []
    return "\n\n".join([*head, *(piece.raw for piece in section.pieces)])
