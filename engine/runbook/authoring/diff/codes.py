"""What a change of a runbook can mean: one table, riskiest first. The order here is the order in every output.

`danger` takes a protection away or makes the engine do something else to the world; `caution` is what a reviewer should
have looked at; a `note` is said so that nothing goes unsaid. What is not in the table means nothing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


class Level(StrEnum):
    """How much a meaning asks of a reviewer, the most first."""

    DANGER = "danger"
    CAUTION = "caution"
    NOTE = "note"


class About(NamedTuple):
    """One meaning: its level, a heading of a few words, and why it matters."""

    level: Level
    title: str
    why: str


_DANGERS: Final = {
    "author-gains": (
        "The author gains a right",
        "Who wrote this change could approve, start or override more than before. Somebody else has to want that.",
    ),
    "policy-replaced": (
        "Another policy holds, or none",
        "People, gates, limits and freezes all come from the policy; without one, the OS user is everyone.",
    ),
    "gate-removed": (
        "A gate asks for nothing of its own any more",
        "What stood in front of a change is gone: whoever starts the run says yes once, or the policy decides alone.",
    ),
    "gate-weakened": (
        "A gate asks for less",
        "Fewer or other people can let a change through.",
    ),
    "identity-changed": (
        "A person is known by another name",
        "Whoever has that login or account from now on has every right of the person.",
    ),
    "right-gained": (
        "Somebody may approve or override",
        "One more person can let changes through, or break the glass.",
    ),
    "claims-to-read": (
        "A command now claims only to read",
        "Reads have no gate, no plan and no undo. If the claim is wrong, a change happens that nobody approved.",
    ),
    "reads-believed": (
        "More commands are believed to read only",
        "What the policy believes is performed by plan, doctor and auto without asking anybody.",
    ),
    "unreviewed-allowed": (
        "What nobody reviewed may run",
        "A runbook can be run as somebody wrote it a minute ago, with every right that it needs.",
    ),
    "library-elsewhere": (
        "Reviewed runbooks are taken from elsewhere",
        "Another branch, or the working tree, has other reviewers, or none.",
    ),
    "auto-widened": (
        "More happens without asking",
        "In auto the policy itself says yes; brakes and the list of runbooks are all that holds it.",
    ),
    "limit-loosened": (
        "A limit of the policy is wider",
        "Limits are the only thing that nobody can override at a gate.",
    ),
    "freeze-shortened": (
        "A freeze is shorter, or gone",
        "Changes in that time need no broken glass any more.",
    ),
    "effect-raised": (
        "Something more dangerous is done",
        "What could be undone may not be, or what only looked now changes the world.",
    ),
    "target-changed": (
        "A change goes elsewhere",
        "The same action hits another object, host, cluster or namespace.",
    ),
    "reach-widened": (
        "A change reaches further",
        "More objects, more replicas or more force than before.",
    ),
    "request-changed": (
        "A change does something else",
        "What is sent to the world is not what was reviewed before.",
    ),
    "script-changed": (
        "A file that a step uses changed",
        "The step reads the same, and does something else.",
    ),
    "ungated-command-changed": (
        "A command that nobody approves changed",
        "It counts as a read, so it runs without a gate in every run, and perhaps in every plan.",
    ),
    "connection-elsewhere": (
        "A connection leads elsewhere",
        "Every step on it reads or changes another system.",
    ),
    "connection-unsafe": (
        "A connection is less safe",
        "What it says can be forged, or it may do more than it should.",
    ),
    "environment-default": (
        "Another environment is taken by default",
        "Whoever names none works somewhere else from now on.",
    ),
    "secret-exposed": (
        "A secret is no secret any more",
        "It will stand in records, reports and messages.",
    ),
    "input-unchecked": (
        "More values are let in where a change is made",
        "A mistyped value, or one from an alert, reaches a change.",
    ),
    "verification-removed": (
        "It is no longer checked whether it helped",
        "A run can end as resolved while users still feel the trouble.",
    ),
    "verification-loosened": (
        "Verification passes more easily",
        "A run can end as resolved while users still feel the trouble.",
    ),
    "verification-changed": (
        "Verification asks something else",
        "It cannot be told to be as strict as before.",
    ),
    "verification-meets-symptom": (
        "A check passes while its symptom is there",
        "The same reading counts as trouble and as resolved.",
    ),
    "query-changed": (
        "A query that decides changed",
        "Symptoms, options or verification are judged by other numbers.",
    ),
    "starts-without-symptom": (
        "A run starts without any symptom",
        "Nobody confirms first that there is something to mend.",
    ),
    "condition-loosened": (
        "An option is tried in more cases",
        "Its changes are offered where the runbook held them back before.",
    ),
    "guard-loosened": (
        "A look before or between changes is gone, or passes more easily",
        "The next change follows although the last one may have gone wrong.",
    ),
    "goes-on-after-failure": (
        "It goes on after a failure",
        "A failed change is followed by the next one.",
    ),
    "undo-removed": (
        "A change is no longer taken back",
        "What did not help, or failed half-way, stays.",
    ),
    "order-raised": (
        "A more dangerous option comes earlier",
        "It is tried before milder ones had their turn.",
    ),
    "evidence-removed": (
        "Evidence is not kept any more",
        "The first change may destroy what explains the incident.",
    ),
    "customers-told": (
        "Customers read something else",
        "It is sent once, and cannot be taken back.",
    ),
    "messages-elsewhere": (
        "Messages go elsewhere",
        "Others read them, or nobody does.",
    ),
    "escalation-removed": (
        "Nobody is paged any more",
        "When nothing helps, no person hears of it.",
    ),
    "rehearsed-otherwise": (
        "A scenario of the base ends otherwise",
        "The same simulated incident is handled in another way than the one that was reviewed.",
    ),
}

_CAUTIONS: Final = {
    "may-run": ("Somebody may start runs or attest", "Starting and attesting are steps on the way to a change."),
    "gate-open-longer": ("A gate stays open longer", "A yes may come, or be used, long after it was thought through."),
    "runbook-added": ("A new runbook changes something", "It has no history; read it as a whole."),
    "document-removed": ("A document is gone", "What named it, an alert or a person, finds nothing."),
    "option-added": ("A new option", "One more way in which changes are made."),
    "option-removed": ("An option is gone", "The run goes on to the next one, or to a person, sooner."),
    "option-moved": ("Options are tried in another order", "What comes first is what happens in most incidents."),
    "change-added": ("A new change within an option", "The same gate now stands in front of more."),
    "change-removed": ("A change is no longer made", "What followed from it may not work alone."),
    "steps-moved": ("Steps come in another order", "Changes are made one after the other, in this order."),
    "confirmation-removed": (
        "A doubt can no longer be settled by looking",
        "After a crash a person has to say whether the change happened.",
    ),
    "preview-changed": ("Another preview is shown at the gate", "People decide by what they are shown."),
    "hand-over-changed": ("A run goes on with another runbook", "Other options, other gates, other people."),
    "condition-changed": ("An option is tried in other cases", "It cannot be told to be more or fewer."),
    "symptom-changed": ("Symptoms are judged otherwise", "The runbook starts in other cases than before."),
    "reading-changed": ("Something else is looked at", "People and conditions decide by it."),
    "verification-no-stricter": (
        "A check is no stricter than its symptom",
        "It passes the moment that the symptom is gone, and fails again with it.",
    ),
    "verification-waits": ("Verification takes another time", "It ends sooner or later than before."),
    "temporary-changed": ("What is temporary stays for another time", "A change for a while may stay for ever."),
    "locking-changed": (
        "Runs exclude each other otherwise",
        "Two runs may work on one thing at once, or wait in vain.",
    ),
    "parameter-changed": ("A parameter takes other values", "What is not typed is taken from here."),
    "environment-changed": ("An environment changed", "The same runbook meets other values, or another cluster."),
    "credentials-changed": (
        "A connection uses other credentials",
        "They may be allowed more, or less, than is needed.",
    ),
    "record-elsewhere": ("The record is kept elsewhere", "Locks, brakes and open runs are in the old one."),
    "lint-changed": ("Lint asks otherwise", "What it no longer says, nobody sees."),
    "library-changed": ("Runbooks are taken from elsewhere", "Names may mean other documents."),
    "evidence-changed": ("Other evidence is kept", "What explains the incident may be missing afterwards."),
    "escalation-changed": ("Others are paged, or later", "It is the last way to a person."),
    "message-changed": ("Messages changed", "Somebody relies on being told."),
    "instructions-changed": ("People are asked to do something else", "What is done by hand has no gate."),
    "caution-changed": ("A caution for people changed", "It is what must not be overlooked at a gate."),
    "severity-changed": ("It counts as less or more severe", "Who is woken, and how soon, follows from it."),
    "rehearsal-outdated": (
        "A scenario of the base no longer fits",
        "It names steps that are gone, so it says little about the change; its successor should be read.",
    ),
    "rehearsed-in-other-words": (
        "A scenario of the base tells people otherwise",
        "The same is done; other messages are sent, or later.",
    ),
    "scenario-removed": ("A scenario is gone", "What it held is held by nothing."),
    "scenario-loosened": ("A scenario expects less, or something else", "It passes where it would have failed."),
    "not-readable": ("Something cannot be compared", "It is not told what changed in it; look at it yourself."),
    "changed": ("Something else changed", "It has no meaning of its own here; look at it yourself."),
}

_NOTES: Final = {
    "stricter": ("Stricter than before", "It asks for more, or does less."),
    "document-added": ("A new document", "It changes nothing by itself."),
    "added": ("Something new", "It changes nothing by itself."),
    "document-renamed": ("A document has another name or file", "What names it has to follow."),
    "script-renamed": ("A file has another name", "It holds the same."),
    "scenario-changed": ("A scenario simulates something else", "Its expectations are as they were."),
    "scenario-added": ("A new scenario", "More is held to what it should do."),
    "timing-changed": ("Other times", "It is given up sooner or later than before."),
    "words-changed": ("Words for people", "Nothing is done otherwise."),
}


def _table() -> dict[str, About]:
    levels = ((Level.DANGER, _DANGERS), (Level.CAUTION, _CAUTIONS), (Level.NOTE, _NOTES))
    return {code: About(level, *words) for level, table in levels for code, words in table.items()}


CODES: Final[dict[str, About]] = _table()
RANK: Final = {code: rank for rank, code in enumerate(CODES)}
LEVELS: Final = tuple(Level)
