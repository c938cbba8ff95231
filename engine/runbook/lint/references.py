"""What documents say of each other: names that must exist, and be used as they are.

Each rule takes a document and the library and yields findings in that document. Without a configuration nothing is
said about connections and channels; without a policy nothing about people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from runbook.document.catalog import Catalog
from runbook.document.frames.common import SEVERITIES
from runbook.document.model import Config, EvidencePlan, Policy, Runbook, Scenarios, Steps
from runbook.document.rules.walk import sites_of
from runbook.document.source import Pointer
from runbook.document.suggest import did_you_mean
from runbook.lint import kubernetes
from runbook.lint.environments import connections, values
from runbook.lint.gates import gates_that_open
from runbook.lint.library import Entry, Library
from runbook.lint.paths import sound_paths
from runbook.lint.scenarios import scenario_findings
from runbook.lint.templates import sound_templates

if TYPE_CHECKING:
    from runbook.document.findings import Finding
    from runbook.document.spec import Specs


def among(library: Library) -> Iterator[Finding]:
    """Names that several documents have; and everything that includes and hand-overs lead to, which links documents."""
    yield from _duplicate_names(library)
    yield from chain.from_iterable(map(library.linked, library.entries))


def between(entry: Entry, library: Library, specs: Specs, templates: frozenset[str]) -> Iterator[Finding]:
    """Every finding between a document and others, once all of them are linked."""
    document = entry.document
    if isinstance(document, Runbook):
        yield from _severity(entry, document, library)
        yield from _evidence(entry, document, library)
        yield from _messages(entry, document, library, templates)
        for environment, policy in library.policies(entry.path):
            yield from _approvers(entry, document, policy, environment)
            yield from gates_that_open(entry, document, policy, specs, environment)
    if isinstance(document, Runbook | Steps | EvidencePlan):
        yield from connections(entry, document, library, specs)
        yield from values(entry, library, specs)
        yield from kubernetes.outdated(entry, document, library, specs)
    elif isinstance(document, Scenarios):
        yield from scenario_findings(entry, document, library)
    elif isinstance(document, Policy):
        yield from _notified(entry, document, library)
        yield from _automatic(entry, document, library)
    elif isinstance(document, Catalog):
        yield from _told(entry, document, library)
    elif isinstance(document, Config):
        yield from sound_paths(entry, document)
        yield from sound_templates(entry, library)
        yield from kubernetes.unpinned(entry, document)


def _duplicate_names(library: Library) -> Iterator[Finding]:
    first: dict[tuple[type, str], Path] = {}
    for entry in library.entries:
        if not isinstance(entry.document, Runbook | Steps | EvidencePlan):
            continue
        key = (type(entry.document), entry.document.name)
        if key in first:
            message = f"the name '{key[1]}' is taken by {first[key]}"
            yield entry.finding(("name",), "RB051", message, "names are unique in a library; rename one of them")
        first.setdefault(key, entry.path)


def _severity(entry: Entry, runbook: Runbook, library: Library) -> Iterator[Finding]:
    """A severity is one of the project's own catalog, else of the one that is shipped."""
    if runbook.severity is None:
        return
    catalog = library.catalog(entry.path)
    project = library.config(entry.path)
    if catalog is None and project is not None and project[1].catalog is not None:
        return  # it names one that cannot be used, and that is said where it stands
    known = [level.name for level in catalog.severities] if catalog else list(SEVERITIES)
    if runbook.severity not in known:
        whose = "the catalog has" if catalog else "without a catalog in the configuration there is"
        hint = did_you_mean(runbook.severity, known, what="severities are")
        message = f"{whose} no severity '{runbook.severity}'"
        yield entry.finding(("severity",), "RB061", message, hint)


def _told(entry: Entry, catalog: Catalog, library: Library) -> Iterator[Finding]:
    project = library.config(entry.path)
    channels = [channel.name for channel in project[1].channels] if project else []
    for i, class_ in enumerate(catalog.types if project else ()):
        for n, name in enumerate(class_.tell):
            if name not in channels:
                yield _untold(entry, ("types", i, "tell", n), name, channels)


def _evidence(entry: Entry, runbook: Runbook, library: Library) -> Iterator[Finding]:
    reference = runbook.evidence
    if reference is None:
        return
    plan = library.named(EvidencePlan, reference.plan, entry.path)
    if plan is None and library.is_broken(EvidencePlan, reference.plan):
        return
    if plan is None:
        hint = did_you_mean(reference.plan, library.names(EvidencePlan), what="plans are")
        written_short = isinstance(entry.source.data["evidence"], str)
        place: Pointer = ("evidence",) if written_short else ("evidence", "plan")
        yield entry.finding(place, "RB052", f"there is no evidence plan '{reference.plan}'", hint)
        return
    for name in reference.inputs.keys() - plan.parameters.keys():
        hint = did_you_mean(name, plan.parameters, what="its parameters are")
        message = f"the evidence plan '{plan.name}' has no parameter '{name}'"
        yield entry.finding(("evidence", "with", name), "RB053", message, hint, key=True)
    for name, parameter in plan.parameters.items():
        if parameter.required and name not in reference.inputs and name not in runbook.parameters:
            message = f"the evidence plan '{plan.name}' needs the parameter '{name}', which the runbook does not have"
            yield entry.finding(("evidence",), "RB053", message, f"set it under 'with:', or add a parameter '{name}'")


def _messages(entry: Entry, runbook: Runbook, library: Library, templates: frozenset[str]) -> Iterator[Finding]:
    project = library.config(entry.path)
    channels = [channel.name for channel in project[1].channels] if project else None
    root = project[0] if project else Path.cwd()
    for i, message in enumerate(runbook.communication):
        template = message.template
        if template is not None and template not in templates and not _is_own(template, root):
            hint = did_you_mean(template, templates, what="templates are")
            text = f"there is no message template '{template}'"
            yield entry.finding(("communication", i, "template"), "RB058", text, hint)
        if channels is not None and message.to not in channels:
            yield _untold(entry, ("communication", i, "to"), message.to, channels)
    if channels is not None and b"notify.send" in entry.data:
        yield from _sent(entry, runbook, channels)


def _sent(entry: Entry, runbook: Runbook, channels: Iterable[str]) -> Iterator[Finding]:
    """Messages in the middle of the steps; a name that comes out of a template is known in a run only."""
    for site in sites_of(runbook):
        to = site.step.inputs.get("to") if site.step.uses == "notify.send" and not site.included else None
        if isinstance(to, str) and "{{" not in to and to not in channels:
            yield _untold(entry, (*site.pointer, "with", "to"), to, channels)


def _untold(entry: Entry, place: Pointer, name: str, channels: Iterable[str]) -> Finding:
    hint = did_you_mean(name, channels, what="channels are")
    return entry.warning(place, "RB057", f"the channel '{name}' is not configured", hint)


def _is_own(template: str, root: Path) -> bool:
    """Whether the project has a message template of this name, beside its configuration."""
    return (root / "templates" / f"{template}.md").is_file()


def _approvers(entry: Entry, runbook: Runbook, policy: Policy, environment: str | None) -> Iterator[Finding]:
    where = f" of the environment '{environment}'" if environment else ""
    for i, option in enumerate(runbook.resolution):
        place: Pointer = ("resolution", i, "approval")
        if option.approval is not None:
            everyone = [*policy.people, *policy.groups]
            named = ((option.approval.from_ or ()), option.approval.from_each)
            yield from _unknown(
                entry, (*place, "from"), named[0], everyone, f"the policy{where} has no person or group"
            )
            yield from _unknown(
                entry, (*place, "from_each"), named[1], policy.groups, f"the policy{where} has no group"
            )


def _unknown(entry: Entry, place: Pointer, names: Iterable[str], known: Iterable[str], what: str) -> Iterator[Finding]:
    known = list(known)
    for i, name in enumerate(names):
        if name not in known:
            hint = did_you_mean(name, known, what="it has")
            yield entry.finding((*place, i), "RB054", f"{what} '{name}'", hint)


def _notified(entry: Entry, policy: Policy, library: Library) -> Iterator[Finding]:
    project = library.config(entry.path)
    if project is None or policy.break_glass is None:
        return
    channels = [channel.name for channel in project[1].channels]
    for i, name in enumerate(policy.break_glass.notify):
        if name not in channels:
            yield _untold(entry, ("break_glass", "notify", i), name, channels)


def _automatic(entry: Entry, policy: Policy, library: Library) -> Iterator[Finding]:
    for i, name in enumerate(policy.auto.runbooks if policy.auto else ()):
        known = library.named(Runbook, name, entry.path) is not None or library.is_broken(Runbook, name)
        if library.config(entry.path) is not None and not known:
            message = f"there is no runbook '{name}' in the library"
            hint = did_you_mean(name, library.names(Runbook), what="runbooks are")
            yield entry.warning(("auto", "runbooks", i), "RB052", message, hint)
