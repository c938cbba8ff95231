"""What a schema cannot say: the rules of each kind of document, in one list each.

Every rule runs, so that an author sees everything at once; the rules themselves are in `rules/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.build import Document
from runbook.document.catalog import Catalog
from runbook.document.findings import Finding
from runbook.document.model import Config, EvidencePlan, Policy, Runbook, Scenarios, Steps
from runbook.document.regime import Regime
from runbook.document.rules import (
    believing,
    catalog,
    confirming,
    credentials,
    effects,
    environments,
    halves,
    ids,
    loops,
    meaning,
    outputs,
    parameters,
    polling,
    references,
    regime,
    reuse,
    telling,
    timing,
)
from runbook.document.rules.walk import Checked, checked

if TYPE_CHECKING:
    from runbook.document.others import Others
    from runbook.document.source import Source
    from runbook.document.spec import Specs

Rule = Callable[[Checked], Iterator[Finding]]

_OF_STEPS: Final[tuple[Rule, ...]] = (
    ids.unique_ids,
    parameters.consistent_parameters,
    effects.allowed_effects,
    effects.retried_reads,
    effects.previewed_changes,
    references.sound_expressions,
    references.constant_scripts,
    halves.whole_inputs,
    confirming.answerable,
    outputs.sound_outputs,
    polling.possible_polls,
    timing.sensible_timeouts,
)
_RULES: Final[dict[type[Document], tuple[Rule, ...]]] = {
    Runbook: (
        *_OF_STEPS,
        ids.known_signals,
        ids.symptom_forms,
        effects.judged_checks,
        effects.judged_probes,
        effects.undoable,
        effects.gated_changes,
        effects.verified,
        loops.named_items,
        loops.repeated_once,
        loops.possible_lists,
        loops.looked_at_between,
        references.acyclic_triage,
        meaning.readable_meanings,
        reuse.sound_includes,
        reuse.sound_hand_overs,
        timing.possible_rounds,
        telling.exact_messages,
        telling.somebody_to_page,
    ),
    Steps: (
        *_OF_STEPS,
        effects.judged_probes,
        references.acyclic_triage,
        meaning.readable_meanings,
        reuse.sound_includes,
    ),
    EvidencePlan: _OF_STEPS,
    Scenarios: (ids.unique_names,),
    Policy: (ids.known_people, believing.meant_entries, timing.freezes_in_order, timing.sensible_timeouts),
    Catalog: (catalog.each_once, catalog.possible_cadence),
    Regime: (regime.unique_names, regime.sound_limits, regime.days_in_order),
    Config: (
        ids.one_channel_type,
        credentials.by_reference,
        environments.one_default,
        environments.open_values,
        timing.sensible_timeouts,
    ),
}


_OF_AUTHORS: Final = (effects.verified, timing.sensible_timeouts)  # who does it by hand sees, and waits, for themselves


def check(
    document: Document, source: Source, specs: Specs, others: Others | None = None, *, by_hand: bool = False
) -> list[Finding]:
    """Everything that the rules find in a document; `by_hand`: the engine wrote it of what a person does.

    Nothing is said about other documents unless they are given.
    """
    doc = checked(document, source, specs, others)
    rules = (rule for rule in _RULES[type(document)] if not (by_hand and rule in _OF_AUTHORS))
    return [finding for rule in rules for finding in rule(doc)]
