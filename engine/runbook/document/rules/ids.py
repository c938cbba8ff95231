"""Names that must be unique, and names that must exist within the document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from runbook.document.frames.channels import CHANNEL_TYPES, SHARED
from runbook.document.model import Config, Policy, Runbook, Scenarios
from runbook.document.rules.walk import Checked, Phase, Pointer
from runbook.document.suggest import did_you_mean

if TYPE_CHECKING:
    from runbook.document.findings import Finding


def unique_ids(doc: Checked) -> Iterator[Finding]:
    """One space of ids per document: reports, keys and `steps.<id>` all rely on it."""
    named: list[tuple[str, Pointer]] = [
        (site.step.id, site.pointer) for site in doc.every if site.phase is not Phase.SIGNAL
    ]
    if isinstance(doc.document, Runbook):
        named += [(option.id, ("resolution", i)) for i, option in enumerate(doc.document.resolution)]
        named += [
            (message.id, ("communication", i))
            for i, message in enumerate(doc.document.communication)
            if message.id and not message.id.isdigit()
        ]
    first: dict[str, str] = {}
    for name, pointer in sorted(named, key=lambda entry: doc.source.at(entry[1])):
        place = (*pointer, "id") if "id" in doc.raw(pointer) else pointer
        included = doc.raw(pointer).get("include")
        by = f" by the steps '{included}', included as '{doc.raw(pointer).get('as')}'" if included else ""
        if name in first:
            message = f"the id '{name}' is used a second time{by}; the first is at line {first[name]}"
            yield doc.source.finding(place, "RB030", message, "ids are unique in a document; rename one of them")
        else:
            first[name] = f"{doc.source.at(place)[0]}{by and ',' + by}"


def known_signals(doc: Checked) -> Iterator[Finding]:
    """A step measures a signal that exists, and then says nothing of its own about what is measured."""
    assert isinstance(doc.document, Runbook)  # noqa: S101
    for site in doc.sites:
        raw = doc.raw(site.pointer)
        if "signal" not in raw or site.phase is Phase.SIGNAL:
            continue
        if raw["signal"] not in doc.document.signals:
            hint = did_you_mean(raw["signal"], doc.document.signals, what="signals are")
            message = f"there is no signal '{raw['signal']}'"
            yield doc.source.finding((*site.pointer, "signal"), "RB035", message, hint or "add it under 'signals:'")
        for key in ("uses", "with"):
            if key in raw:
                message = f"'{key}' stands beside 'signal', which says already what is measured"
                yield doc.source.finding(
                    (*site.pointer, key), "RB046", message, f"remove '{key}', or remove 'signal'", key=True
                )


def symptom_forms(doc: Checked) -> Iterator[Finding]:
    """A symptom is an alert or a probe, never half of each."""
    probe = ("uses", "with", "signal", "expect", "connection", "series", "timeout", "retry", "outputs")
    for site in doc.sites:
        raw = doc.raw(site.pointer)
        if site.phase is not Phase.SYMPTOM:
            continue
        wrong = [key for key in probe if key in raw] if "alert" in raw else [key for key in ("labels",) if key in raw]
        for key in wrong:
            kind = "an alert" if "alert" in raw else "a probe"
            message = f"'{key}' cannot stand in a symptom that is {kind}"
            yield doc.source.finding((*site.pointer, key), "RB046", message, "make two symptoms of it", key=True)


def unique_names(doc: Checked) -> Iterator[Finding]:
    """Each scenario has a name of its own."""
    assert isinstance(doc.document, Scenarios)  # noqa: S101
    first: dict[str, int] = {}
    for i, scenario in enumerate(doc.document.scenarios):
        place = ("scenarios", i, "name")
        if scenario.name in first:
            message = (
                f"the scenario '{scenario.name}' stands here a second time; the first is at line {first[scenario.name]}"
            )
            yield doc.source.finding(place, "RB030", message, "rename one of them")
        first.setdefault(scenario.name, doc.source.at(place)[0])


def known_people(doc: Checked) -> Iterator[Finding]:
    """Whoever a policy names is a person or a group of it."""
    policy = doc.document
    assert isinstance(policy, Policy)  # noqa: S101
    for name in policy.groups.keys() & policy.people.keys():
        yield doc.source.finding(
            ("groups", name), "RB030", f"'{name}' is a person and a group", "rename one of them", key=True
        )
    first: dict[str, str] = {}
    for name, person in policy.people.items():
        if person.user and first.setdefault(person.user, name) != name:
            message = f"'{first[person.user]}' and '{name}' have the same user, '{person.user}'"
            yield doc.source.finding(("people", name, "user"), "RB030", message, "give each person a user of their own")
    for group in policy.groups:
        yield from _known(doc, ("groups", group), policy.people, "person")
    everyone = [*policy.people, *policy.groups]
    for pointer in _lists_of_people(doc):
        groups_only = pointer[-1] == "from_each"
        yield from _known(
            doc, pointer, policy.groups if groups_only else everyone, "group" if groups_only else "person or group"
        )


def _lists_of_people(doc: Checked) -> Iterator[Pointer]:
    data = doc.source.data
    for key in ("run", "attest", "break_glass"):
        if key in data:
            yield (key, "from")
    for effect, terms in data.get("approvals", {}).items():
        for key in ("from", "from_each"):
            if key in terms:
                yield ("approvals", effect, key)


def _known(doc: Checked, pointer: Pointer, known: Iterable[str], what: str) -> Iterator[Finding]:
    known = list(known)
    for i, name in enumerate(doc.raw(pointer)):
        if name not in known:
            hint = (
                did_you_mean(name, known, what="it has")
                or f"add it under '{'groups' if what == 'group' else 'people'}:'"
            )
            yield doc.source.finding((*pointer, i), "RB054", f"the policy has no {what} '{name}'", hint)


def one_channel_type(doc: Checked) -> Iterator[Finding]:
    """A channel is of exactly one type."""
    assert isinstance(doc.document, Config)  # noqa: S101
    for name, entry in doc.source.data.get("channels", {}).items():
        types = [key for key in entry if key not in SHARED]
        if len(types) != 1:
            got = f"has {len(types)}: {', '.join(types)}" if types else "has none"
            message = f"the channel '{name}' must have one type, and {got}"
            yield doc.source.finding(
                ("channels", name), "RB046", message, f"types are {', '.join(CHANNEL_TYPES)}", key=True
            )
