"""Roles instead of names: who is meant stays clear within one postmortem, who it was does not stand in it.

A person is called by the first role that they had in the incident; one without any is a responder, numbered in the
order in which they appear. The record keeps the names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from runbook.core.records import Written
from runbook.incident.records import ASSIGNED

_SPOKEN: Final = {"operations": "operations lead", "communications": "communications lead"}
_EDGE: Final = r"[\w@-]|\.(?=\w)"  # what a name goes on with: `ana.b` is not `ana`, `ana.` at the end is


class People:
    """Everybody who appears in some records, by name, with what they are called instead."""

    def __init__(self, records: Iterable[Written], *, names: bool = False) -> None:
        self._names = names
        self.called: dict[str, str] = {}
        told = list(records)
        for record in told:
            if record.type == ASSIGNED:
                role = str(record.data.get("role"))
                self.called.setdefault(str(record.data.get("person")), f"the {_SPOKEN.get(role, role)}")
        for record in told:
            if record.actor.kind == "person" and record.actor.id not in self.called:
                number = sum(1 for called in self.called.values() if called.startswith("responder")) + 1
                self.called[record.actor.id] = f"responder {number}"
        known = sorted((re.escape(name) for name in self.called if name), key=len, reverse=True)
        self._pattern = re.compile(rf"(?<![\w@.-])@?(?:{'|'.join(known)})(?!{_EDGE})") if known else None

    def of(self, name: str | None) -> str:
        """What somebody is called here."""
        if name is None:
            return "nobody"
        return name if self._names else self.called.get(name, "somebody")

    def without_names(self, text: str) -> str:
        """A text of the record with roles where it names people."""
        if self._names or self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self.called[found[0].removeprefix("@")], text)

    @property
    def instead(self) -> Mapping[str, str]:
        """Every name that is known, with what stands for it."""
        return self.called
