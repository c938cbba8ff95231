"""YAML as nobody should write it: any data in any notation, with comments and blank lines wherever they may stand."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from runbook.document import scalars

COMMENTS = ("# why", "#no space", "# key: value", "# - an entry", "# 'quotes\" and {{ braces }}", "#", "# ümlaut  two")


class Messy:
    """Writes data; every choice comes from one source of chance. `comments` has all that were written."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.comments: list[str] = []

    def document(self, data: dict[str, Any]) -> str:
        """A whole file."""
        head = "---\n" if self.chance.random() < 0.1 else ""
        body = self._block(data, 0)
        text = self._between(0) + head + self._between(0) + body + self._between(0)
        return text.replace("\n", "\r\n") if self.chance.random() < 0.1 else text

    def _comment(self) -> str:
        self.comments.append(self.chance.choice(COMMENTS))
        return self.comments[-1]

    def _between(self, indent: int) -> str:
        """Lines between two entries: nothing mostly, or blank lines and comments at about the right column."""
        lines = ""
        while self.chance.random() < 0.25:
            at = max(0, indent + self.chance.choice((0, 0, 0, -2, 1, 2, 7)))
            lines += "\n" if self.chance.random() < 0.5 else f"{' ' * at}{self._comment()}\n"
        return lines

    def _end(self) -> str:
        """The end of a line, with a comment perhaps."""
        if self.chance.random() < 0.15:
            return " " * self.chance.choice((1, 2, 9)) + self._comment() + "\n"
        return " " * self.chance.choice((0, 0, 0, 2)) + "\n"

    def _block(self, data: Any, indent: int) -> str:
        """A mapping or list that is not empty, in lines."""
        text = ""
        entries = data.items() if isinstance(data, dict) else [(None, value) for value in data]
        for key, value in entries:
            lead = " " * indent + ("-" if key is None else f"{self._key(key)}:")
            text += self._between(indent) + self._entry(lead, key, value, indent)
        return text

    def _entry(self, lead: str, key: str | None, value: Any, indent: int) -> str:
        chance = self.chance
        if isinstance(value, dict | list) and value and chance.random() < 0.7:
            if key is None and chance.random() < 0.7:  # `- key: …`, on one line
                deeper = indent + 2
                body = self._block(value, deeper)
                first = body.lstrip("\n")
                if not first.lstrip().startswith("#") and body == first:
                    return f"{lead} {body[deeper:]}"
                return f"{lead}{self._end()}{body}"
            deeper = indent + chance.choice((1, 2, 4))
            if isinstance(value, list) and key is not None and chance.random() < 0.3:
                deeper = indent
            return f"{lead}{self._end()}{self._between(deeper)}{self._block(value, deeper)}"
        if isinstance(value, dict | list):
            return f"{lead} {self._flow(value, indent + 2)}{self._end()}"
        if isinstance(value, str) and chance.random() < 0.3 and (block := self._lines(value, indent)):
            return f"{lead} {block}"
        if value is None and key is not None and chance.random() < 0.5:
            return f"{lead}{self._end()}"
        return f"{lead} {self._scalar(value, flow=False)}{self._end()}"

    def _lines(self, text: str, indent: int) -> str | None:
        """A text as `|` or `>`, where that is the same text."""
        lines = text.split("\n")
        if not text.strip() or not text.isascii() or not all(part.isprintable() for part in lines):
            return None
        inner = " " * (indent + self.chance.choice((1, 2, 5)))
        said = str(len(inner) - indent) if text.startswith((" ", "\n")) or self.chance.random() < 0.1 else ""
        body = text.rstrip("\n")
        chomping = "-" if body == text else "" if body + "\n" == text else "+"
        if self.chance.random() < 0.5 or "\n" in body or body != body.strip():
            style, content = "|", body.split("\n") + [""] * max(0, len(text) - len(body) - 1)
        else:
            style, content = ">", body.replace(" ", "\n", 1).split("\n") if "  " not in body else [body]
            content += [""] * max(0, len(text) - len(body) - 1)
        if any(part != part.strip() for part in content) and style == ">":
            return None
        header = f"{style}{said}{chomping}" + (f" {self._comment()}" if self.chance.random() < 0.1 else "")
        return header + "\n" + "".join(f"{inner}{part}\n" if part else "\n" for part in content)

    def _flow(self, data: Any, indent: int) -> str:
        opening, closing = "{}" if isinstance(data, dict) else "[]"
        if not data:
            return opening + closing
        entries = list(data.items()) if isinstance(data, dict) else [(None, value) for value in data]
        broken = self.chance.random() < 0.3
        parts = []
        for key, value in entries:
            lead = "" if key is None else f"{self._key(key, flow=True)}: "
            inner = self._flow(value, indent + 2) if isinstance(value, dict | list) else self._scalar(value, flow=True)
            parts.append(lead + inner)
        if not broken:
            return opening + ", ".join(parts) + closing
        inside = "".join(f"{' ' * indent}{part},{self._end()}{self._between(indent)}" for part in parts)
        return f"{opening}{self._end()}{inside}{' ' * indent}{closing}"

    def _key(self, key: str, *, flow: bool = False) -> str:
        return self._scalar(key, flow=flow)

    def _scalar(self, value: Any, *, flow: bool) -> str:
        if not isinstance(value, str):
            return json.dumps(value)
        if self.chance.random() < 0.6 and _may_stand_plain(value):
            return value
        if self.chance.random() < 0.5 and value.isprintable() and value.isascii():
            return "'" + value.replace("'", "''") + "'"
        return json.dumps(value, ensure_ascii=True)


def _may_stand_plain(text: str) -> bool:
    try:
        said = scalars.resolve(text)
    except ValueError:
        return False
    return said == text and text.replace(" ", "").isalnum() and text.isascii() and text == text.strip()
