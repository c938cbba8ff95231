"""Two sides held to each other: everything that the change means, riskiest first.

    meanings(World(before, after, authors=("ada@example.com",)))     [Meaning(code="gate-removed", …), …]

Pure: documents, digests and texts in, meanings out. What is written otherwise and says the same gives none. That
nothing goes unsaid is `fields.told`'s to hold; what is said of a key is its comparer's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from runbook.authoring.diff.catalogs import told_catalog
from runbook.authoring.diff.evidence import told_plan
from runbook.authoring.diff.fields import told
from runbook.authoring.diff.files import told_files
from runbook.authoring.diff.flow import told_part, told_runbook
from runbook.authoring.diff.limits import told_auto, told_commands, told_freezes, told_limits, told_unreviewed
from runbook.authoring.diff.meaning import Meaning, Spot, World, same
from runbook.authoring.diff.pairing import paired
from runbook.authoring.diff.people import told_people, told_terms
from runbook.authoring.diff.regimes import told_regime
from runbook.authoring.diff.scenarios import told_scenarios
from runbook.authoring.diff.sides import Placed
from runbook.authoring.diff.surroundings import told_config
from runbook.authoring.diff.uses import effect_of_option
from runbook.authoring.diff.verification import told_meetings
from runbook.document.catalog import Catalog
from runbook.document.model import Config, EvidencePlan, Policy, Runbook, Scenarios, Steps
from runbook.document.regime import Regime
from runbook.document.words import Effect

_ALLOWS = re.compile(r"#[ \t]*lint:[ \t]*allow\b[^\n]*")
_GONE = {
    "Policy": ("policy-replaced", "the policy is gone"),
    "Config": ("environment-changed", "the configuration is gone"),
    "Scenario": ("scenario-removed", "all of these scenarios are gone"),
    "EvidencePlan": ("evidence-changed", "the evidence plan is gone"),
}


def meanings(world: World) -> list[Meaning]:
    """All that a change means, riskiest first, each once."""
    return sorted(dict.fromkeys(_all(world)), key=lambda meaning: meaning.order)


def _all(world: World) -> Iterator[Meaning]:
    documents = paired(world.before.documents, world.after.documents)
    for old, new in documents.pairs:
        yield from _pair(Spot(world, old, new), old, new)
    told_already = _config_tells_of_policy(world)
    for one in documents.gone:
        if one.kind == "Policy" and told_already:
            continue
        code, words = _GONE.get(one.kind, ("document-removed", f"{one.called} is gone"))
        yield Spot(world, one, None).tells(code, words, one.path)
    for one in documents.new:
        yield from _added(Spot(world, None, one), one)
    yield from told_files(world)


def _config_tells_of_policy(world: World) -> bool:
    """Whether the configurations differ in the policy that they name, which says more than that a file is gone."""
    configs = [side.config for side in (world.before, world.after)]
    return all(configs) and len({config.policy for config in configs if config}) > 1


def _pair(spot: Spot, old: Placed, new: Placed) -> Iterator[Meaning]:
    if old.name != new.name:
        yield spot.at("name").tells("document-renamed", f"{old.called} is called {new.name} now", old.name, new.name)
    elif old.path != new.path:
        yield spot.tells("document-renamed", f"{new.called} has another file", old.path, new.path)
    yield from _allowed(spot, old.source.text, new.source.text)
    before, after = old.document, new.document
    if same(before, after):
        return
    match before, after:
        case Runbook(), Runbook():
            yield from told_runbook(spot, before, after)
        case Steps(), Steps():
            yield from told_part(spot, before, after)
        case EvidencePlan(), EvidencePlan():
            yield from told_plan(spot, before, msgspec.structs.replace(after, name=before.name))
        case Scenarios(), Scenarios():
            yield from told_scenarios(spot, before, after)
        case Policy(), Policy():
            yield from _policy(spot, before, after)
        case Catalog(), Catalog():
            yield from told_catalog(spot, before, after)
        case Regime(), Regime():
            yield from told_regime(spot, before, after)
        case Config(), Config():
            yield from told_config(spot, before, after)


def _allowed(spot: Spot, before: str, after: str) -> Iterator[Meaning]:
    """Comments that silence lint are the only ones that mean something."""
    old, new = (_ALLOWS.findall(text) for text in (before, after))
    for comment in new:
        if comment not in old:
            line = after[: after.index(comment)].count("\n") + 1
            meaning = spot.tells("lint-changed", "lint is told to be silent", None, comment.strip())
            yield meaning._replace(line=line)


def _policy(spot: Spot, before: Policy, after: Policy) -> Iterator[Meaning]:
    yield from told_people(spot, before, after)
    yield from told_terms(spot, before, after)
    yield from told_limits(spot, before, after)
    yield from told_freezes(spot, before, after)
    yield from told_unreviewed(spot, before, after)
    yield from told_auto(spot.at("auto", called="auto"), before.auto, after.auto)
    yield from told_commands(spot, before, after)
    known = (
        "people",
        "groups",
        "run",
        "approvals",
        "attest",
        "break_glass",
        "commands",
        "auto",
        "blast_radius",
        "freeze",
        "unreviewed",
    )
    yield from told(spot, before, after, {}, skip=known)


def _added(spot: Spot, placed: Placed) -> Iterator[Meaning]:
    document = placed.document
    if not isinstance(document, Runbook):
        yield spot.tells("document-added", f"{placed.called} is new", None, placed.path)
        return
    effects = {option.id: effect_of_option(option, spot.world.after.specs) for option in document.resolution}
    changing = [f"{name} ({effect})" for name, effect in effects.items() if effect.changes]
    code = "runbook-added" if changing else "document-added"
    destroys = Effect.DESTRUCTIVE in effects.values()
    words = f"{placed.called} is new" + (", and destroys" if destroys else "")
    yield spot.tells(code, words, None, ", ".join(changing) or "it changes nothing")
    yield from told_meetings(spot, None, document)
