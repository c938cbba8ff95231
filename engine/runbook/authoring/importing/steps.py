"""Pieces of Markdown as steps: commands that are understood become kinds, everything else is done by a person.

Text above a command describes it, and so does text below the last one of a section. Nothing is left out: a block of
which one line is not understood keeps that line, in its place, as a step by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from runbook.authoring.emit import literal
from runbook.authoring.importing.cards import Marks, marks, titled, unescaped
from runbook.authoring.importing.commands import Line, Step, lines, words
from runbook.authoring.importing.draft import Ids, Left, Parameters
from runbook.authoring.importing.sections import Piece, sections
from runbook.authoring.markdown import SHELLS, blocks, without_comments
from runbook.document.expressions import LONGEST_TEMPLATE
from runbook.document.spec import Specs
from runbook.document.words import Effect

_INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_FENCE = re.compile(r"^ {0,3}(```+|~~~+).*?(?:^ {0,3}\1[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_TAG = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>|<!--(?:(?!<!--).)*?-->", re.DOTALL | re.IGNORECASE)
_TITLE = 80  # characters of a text that make a title
_LABELS = {"To take it back:": "undo", "What it would do:": "preview"}
_LONG = 1000  # characters of a line that a title is looked for in
_QUERIES = frozenset({"promql", "prometheus"})


class Made(NamedTuple):
    """One step of a draft: its keys, and whether a person does it."""

    keys: dict[str, Any]
    by_hand: bool


class Steps:
    """Makes the steps of one document; `left` is what was not understood on the way."""

    def __init__(self, ids: Ids, parameters: Parameters, specs: Specs) -> None:
        self.ids = ids
        self._specs = specs
        self.parameters = parameters
        self.left: list[Left] = []

    def of(self, pieces: Iterable[Piece], title: str, *, instructs: bool = False) -> list[Made]:
        """The steps of a section or of an entry of a list; `title` is what it is called.

        `instructs`: it is of the resolution, where something may be changed, and where words below the last command
        tell somebody to do something. Elsewhere they explain it, and a command that changes something is a person's.
        """
        known, own = marks(tuple(pieces))
        before = len(self.left)
        if known is not None and (command := self._run(known, own)) is not None:
            return self._known(known, [command], title, own)
        made = self._made(own, title, instructs=instructs)
        if known is not None:
            if any(one.keys["uses"] == known.kind for one in made):
                del self.left[before:]  # what stands beside it is of the same step
            return self._known(known, made, title, own)
        if len(made) == 1 and title:
            made[0].keys["title"] = title
        return made

    # --- pieces in a row ------------------------------------------------------------------------------------

    def _made(self, pieces: tuple[Piece, ...], title: str, *, instructs: bool) -> list[Made]:
        made: list[Made] = []
        above: list[Piece] = []
        for piece in pieces:
            if piece.form == "fence":
                made += self._fence(piece, above, title, instructs=instructs)
                above = []
            elif piece.form == "list" and self._is_instruction(piece):
                made += self._list(piece, above, title, instructs=instructs)
                above = []
            elif piece.form == "text" and (steps := self._inline(piece.text, instructs=instructs)):
                made += self._steps(steps, [*above, piece], title)
                above = []
            elif piece.form != "html" or without_comments(piece.text).strip():
                above.append(piece)
        if above and made and (made[-1].by_hand or not instructs):
            self._described(made[-1], above)
        elif above:
            made.append(self._by_hand(above, "" if made else title))
        return made

    def _fence(self, piece: Piece, above: list[Piece], title: str, *, instructs: bool) -> Iterator[Made]:
        if piece.language in _QUERIES and piece.text.strip():
            query = " ".join(self.parameters.within(piece.text).split())
            yield from self._steps([Step("prometheus.query", {"query": query})], above, title)
            return
        typed = _typed(piece) if piece.language in SHELLS else ""
        found = self._lines(typed, instructs=instructs) if typed else []
        if not any(line.steps for line in found):
            if typed:
                self._unknown(piece, typed)
            yield self._by_hand([*above, piece], title)
            return
        for line in found:
            said = [*above, *([Piece("text", line.comment, line.comment, piece.line)] if line.comment else [])]
            if line.steps:
                yield from self._steps(line.steps, said, title)
            else:
                self._unknown(piece, line.text)
                fence = f"```{piece.language}\n{line.text}\n```"
                yield self._by_hand([*said, Piece("fence", line.text, fence, piece.line, piece.language)], title)
            above = []

    def _unknown(self, piece: Piece, text: str) -> None:
        first, *more = text.strip().split("\n")
        said = f"{first} …" if more else first
        self.left.append(Left(f"line {piece.line}", f"`{said[:120]}` is no kind of step", "kept as a step by hand"))

    def _list(self, piece: Piece, above: list[Piece], title: str, *, instructs: bool) -> Iterator[Made]:
        for at, entry in enumerate(piece.entries):
            inner = tuple(p._replace(line=piece.line) for s in sections(entry) for p in _headed(s.title, s.pieces))
            named, inner = titled(inner)
            made = self.of(inner, named or _first_words(entry), instructs=instructs) if inner else []
            if at == 0 and above and made:
                self._described(made[0], above, before=True)
            elif at == 0 and above:
                made = [self._by_hand(above, title)]
            yield from made

    def _is_instruction(self, piece: Piece) -> bool:
        """Whether each entry is something to do: they are numbered, ticked off, or hold commands."""
        return piece.ordered or piece.boxes or any("```" in e or self._inline(e, instructs=True) for e in piece.entries)

    def _inline(self, text: str, *, instructs: bool) -> list[Step]:
        """The steps of the one command that a sentence names; none where it names several.

        A command in the middle of a sentence has an argument at least: `df` alone is a word.
        """
        found = [
            [step for line in self._lines(code, instructs=instructs) for step in line.steps]
            for code in _INLINE.findall(text)
            if " " in code.strip()
        ]
        known = [steps for steps in found if steps]
        return known[0] if len(known) == 1 and "```" not in text else []

    def _lines(self, text: str, *, instructs: bool) -> list[Line]:
        """The lines of a script; one that changes something is a person's where nothing may be changed."""
        found = lines(text, self.parameters)
        if instructs:
            return found
        return [line if all(map(self._reads, line.steps)) else line._replace(steps=()) for line in found]

    def _reads(self, step: Step) -> bool:
        effect = self._specs[step.uses].effect
        return (effect or step.inputs.get("effect")) == Effect.READ

    # --- one step --------------------------------------------------------------------------------------------

    def _steps(self, steps: Iterable[Step], said: list[Piece], title: str) -> Iterator[Made]:
        text = _joined(said)
        for at, step in enumerate(steps):
            named = _first_words(text) if text and at == 0 else ""
            keys: dict[str, Any] = {"id": self.ids.of(named or title or _called(step))}
            keys |= {"title": named} if named else {}
            if text and at == 0 and " ".join(text.split()).strip(".:;,` ") != named:
                keys["description"] = text
            yield Made({**keys, "uses": step.uses, "with": step.inputs}, by_hand=False)

    def _by_hand(self, said: list[Piece], title: str) -> Made:
        text = _joined(said)
        named = title or _first_words(text) or "Step"
        keys: dict[str, Any] = {"id": self.ids.of(named), "title": named, "uses": "manual.do"}
        return Made(keys | _told(text), by_hand=True)

    def _described(self, made: Made, said: list[Piece], *, before: bool = False) -> None:
        """More words for a step: those of a person's are its instruction, for any other its description."""
        if made.by_hand and "description" not in made.keys:
            text, known = _joined(said), _spoken(made.keys["with"]["text"])
            made.keys.update(_told("\n\n".join((text, known) if before else (known, text))))
            return
        parts = [made.keys.get("description") or "", _joined(said)]
        made.keys["description"] = "\n\n".join(filter(None, reversed(parts) if before else parts))
        made.keys.update({key: made.keys.pop(key) for key in ("uses", "with") if key in made.keys})

    def _known(self, known: Marks, made: list[Made], title: str, pieces: tuple[Piece, ...]) -> list[Made]:
        """A card of a page of ours: one step, of the id that it had."""
        like = next((one for one in made if one.keys["uses"] == known.kind), None)
        if like is None:
            like = self._by_hand(list(pieces) or [Piece("text", title, title, 1)], title)
        more = [
            str(one.keys["with"].get("text", ""))
            for one in made
            if one is not like and one.by_hand and not like.by_hand
        ]
        text = "\n\n".join(filter(None, (like.keys.get("description"), *map(_spoken, more))))
        keys: dict[str, Any] = {"id": known.id, **({"title": unescaped(title)} if title else {})}
        keys |= {"description": text} if text else {}
        keys |= {"uses": like.keys["uses"], "with": like.keys["with"]}
        keys |= known.facts if not like.by_hand else {}
        if like.by_hand and known.kind not in (None, "manual.do", "manual.ask", "manual.choose"):
            self.left.append(Left("", f"what `{known.id}` is given ({known.kind})", "kept as a step by hand"))
        return [Made(keys | ({"advisory": True} if known.advisory else {}), like.by_hand)]

    def _run(self, known: Marks, pieces: tuple[Piece, ...]) -> Made | None:
        """The command of a card that says that it is one; None for what is more than words.

        A block below a label is what takes it back, or shows what it would do.
        """
        if known.kind not in ("command.run", "ssh.run"):
            return None
        inputs: dict[str, Any] = {}
        said: list[Piece] = []
        for piece in pieces:
            label = _LABELS.get(said[-1].text.strip()) if said else None
            if piece.form != "fence" or ("argv" in inputs and label is None):
                said.append(piece)
                continue
            given = self._argv(known, piece)
            if given is None:
                return None
            if label is None:
                inputs |= given
            else:
                said.pop()
                inputs[label] = {"argv": given["argv"]}
        if "argv" not in inputs:
            return None
        inputs |= {"effect": "read"} if known.reads else {}
        text = {"description": _joined(said)} if said else {}
        return Made({"id": known.id, **text, "uses": known.kind, "with": inputs}, by_hand=False)

    def _argv(self, known: Marks, piece: Piece) -> dict[str, Any] | None:
        argv = words(piece.text.strip()) if "\n" not in piece.text.strip() else None
        host: dict[str, Any] = {}
        if argv and known.kind == "ssh.run":
            if len(argv) != 3 or argv[0] != "ssh":
                return None
            host, argv = {"host": self.parameters.within(argv[1])}, words(argv[2])
        return {**host, "argv": [self.parameters.within(word) for word in argv]} if argv else None


def _told(text: str) -> dict[str, Any]:
    """The input of a step by hand; a text that is too long to be a template stands in its description."""
    said = literal(text)
    if said != text and len(said) > LONGEST_TEMPLATE:
        return {"description": text, "with": {"text": "Do what its description says."}}
    return {"with": {"text": said}}


def _spoken(template: str) -> str:
    """The text that `literal` made a template of."""
    return re.sub(r"\{\{ '(\{\{|\{%)' \}\}", r"\1", template)


def _headed(title: str, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The pieces below a heading inside of a list, with that heading as words."""
    return (Piece("text", title, title, 1), *pieces) if title else pieces


def _typed(piece: Piece) -> str:
    """What is typed of a block, without prompts and what was answered."""
    fenced = piece.raw if piece.raw.lstrip().startswith(("```", "~~~")) else f"~~~~~~\n{piece.text.rstrip()}\n~~~~~~"
    return "\n".join(block.text for block in blocks(fenced))


def _called(step: Step) -> str:
    """A step that nobody has named: its program, or what its kind does."""
    argv = step.inputs.get("argv")
    return " ".join(map(str, argv[:2])) if argv else step.uses.partition(".")[2]


def _joined(pieces: Iterable[Piece]) -> str:
    return "\n\n".join(piece.raw.strip("\n").rstrip() for piece in pieces if piece.raw.strip())


def _first_words(text: str) -> str:
    """What a text is called: its first sentence, without marks; of code, its first line as it stands."""
    words_only = _TAG.sub("", _FENCE.sub("", text))
    prose = [one for one in words_only.split("\n") if one.strip() and not one.lstrip().startswith("|")]
    if not prose:
        code = [
            one.strip() for one in text.split("\n") if one.strip() and not one.lstrip().startswith(("`", "~", "|", "<"))
        ]
        return _cut(code[0]) if code else ""
    line = re.sub(r"\[([^\[\]]*)\]\([^()]*\)", r"\1", prose[0][:_LONG])
    line = " ".join(re.sub(r"\*+|`|(?<!\w)_|_(?!\w)|^[#>\s-]+|^\d+[.)]\s", "", unescaped(line)).split())
    return _cut(re.split(r"(?<=[.!?:;])\s", line, maxsplit=1)[0].rstrip(".:;, "))


def _cut(line: str) -> str:
    return line if len(line) <= _TITLE else line[: _TITLE - 1].rsplit(" ", 1)[0] + "…"
