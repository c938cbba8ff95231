"""The frame of a scenario document: simulated incidents for one runbook."""

from __future__ import annotations

from runbook.document.frames.common import (
    Schema,
    anything,
    closed,
    document,
    duration,
    flag,
    items,
    one_of,
    table,
    text,
)
from runbook.document.frames.patterns import NAME

_OUTCOMES = (
    "resolved", "not_needed", "planned", "undetermined", "not_resolved", "denied", "aborted", "blocked", "in_doubt",
    "continued",
)  # fmt: skip
_ENDS = (
    "resolved", "not_helped", "failed", "skipped", "nothing_to_do", "stale", "denied", "expired", "blocked",
    "continued", "none",
)  # fmt: skip
_DECISIONS = ("granted", "denied", "expired", "skipped", "blocked", "none")
_STATUSES = ("succeeded", "failed", "skipped", "denied", "in_doubt", "undone", "none")


def frame() -> Schema:
    """JSON Schema of a scenario document."""
    return document(
        "Scenario",
        "Simulated incidents for one runbook, with what must come of each.",
        {
            "runbook": text("Name of the runbook.", "high-api-error-rate", pattern=NAME),
            "scenarios": items(
                "The scenarios.",
                {"$ref": "#/$defs/scenario"},
                [{"name": "nobody approves", "expect": {"outcome": "denied"}}],
                minItems=1,
            ),
        },
        required=("runbook", "scenarios"),
        defs={
            "scenario": _scenario(),
            "answer": _answer(),
            "approval": _approval(),
            "expect": _expect(),
            "change": _change(),
        },
    )


def _scenario() -> Schema:
    option = text("The id of an option.", "rollback")
    return closed(
        "One simulated incident.",
        {
            "name": text("What happens in it.", "a bad deployment is rolled back"),
            "environment": text("The environment of the config that it takes place in.", "staging", pattern=NAME),
            "alert": {
                "description": "The alert that starts the run, as Alertmanager sends it.",
                "type": "object",
                "examples": [{"labels": {"alertname": "ApiErrorRateHigh"}}],
            },
            "incident": _incident(),
            "parameters": table("Parameters of the run.", anything("A value.", "staging"), {"namespace": "staging"}),
            "mode": one_of("Who starts and approves.", "by_hand", "auto"),
            "initiator": text("Who starts the run.", "oncall-engineer"),
            "only": items(
                "Only these options are tried, in this order: `run --option`.", option, ["rollback"], minItems=1
            ),
            "skip": items("These options are left out: `run --skip`.", option, ["scale_up"], minItems=1),
            "given": table(
                "What the world answers, by step; of several entries the last one that applies.",
                {
                    "if": {"type": "array"},
                    "then": {"items": {"$ref": "#/$defs/answer"}, "minItems": 1},
                    "else": {"$ref": "#/$defs/answer"},
                },
                {"symptoms/error_rate": {"value": 0.12}},
            ),
            "approvals": table(
                "What people say at an option's gate; a gate that is not named expires.",
                {"$ref": "#/$defs/approval"},
                {"rollback": {"granted_by": ["oncall-engineer"]}},
            ),
            "answers": table(
                "Answers to manual steps, by step; `{answer: …, after: 12m}` for one that takes its time.",
                anything("The answer.", "yes", {"answer": "done", "after": "12m"}),
                {"ask": "yes"},
            ),
            "expect": {"$ref": "#/$defs/expect"},
        },
        required=("name", "expect"),
        examples=[{"name": "nobody approves", "expect": {"outcome": "denied"}}],
    )


def _incident() -> Schema:
    return closed(
        "What expressions see as `incident`: that the run belongs to one. What is not said is null.",
        {
            "id": text("Its id.", "INC-7"),
            "title": text("What users notice.", "Checkout is down"),
            "severity": text("How bad it is.", "SEV1"),
            "class": text("Its type.", "Service"),
            "status": text("Where it is.", "open"),
            "lead": text("Who commands it.", "oncall-engineer"),
            "started": text("When it began.", "2026-01-05T09:50:00Z"),
            "affected": text("Who is affected.", "all customers"),
            "user_facing": flag("Whether users notice it."),
            "url": text("Where those who work on it meet.", "https://meet.example.com/inc-7"),
        },
        minProperties=1,
        examples=[{"id": "INC-7", "severity": "SEV1"}],
    )


def _answer() -> Schema:
    return {
        "description": "Outputs of the step, or `verdict`, or `error`.",
        "type": "object",
        "minProperties": 1,
        "properties": {
            "verdict": one_of("The verdict itself.", "pass", "fail", "unknown"),
            "error": text("Why the step could not be observed.", "connection refused"),
            "at": duration("From this time on, counted from the run's start.", "3m"),
            "after": text("From the time on when this change is applied.", "resolution/rollback/roll_back"),
        },
        "additionalProperties": anything("One output of the step.", 0.12),
        "examples": [{"value": 0.12}, {"error": "connection refused"}],
    }


def _approval() -> Schema:
    person = text("A person of the policy.", "oncall-engineer")
    return closed(
        "What is said at a gate, and when.",
        {
            "granted_by": items("Who says yes.", person, ["oncall-engineer"], minItems=1),
            "denied_by": {**person, "description": "Who says no."},
            "skipped_by": {**person, "description": "Who started the run, and leaves the option out."},
            "aborted_by": {**person, "description": "Who ends the run instead, as `runbook abort` does."},
            "break_glass": flag("Whether the yes breaks the glass; the policy says who may."),
            "reason": text("Their reason.", "a deployment is under way"),
            "after": duration("Time after the gate opened.", "40s"),
        },
        minProperties=1,
        examples=[{"granted_by": ["oncall-engineer"], "after": "40s"}],
    )


def _change() -> Schema:
    return closed(
        "A change that was applied; only what is given is compared.",
        {
            "step": text("The id or address of its step.", "scale"),
            "target": text("What it changed.", "Deployment production/api"),
            "effect": one_of("What it could do.", "notify", "change", "destructive", example="change"),
            "applied": one_of("Whether all of it reached the world.", "yes", "partly"),
            "with": table("Inputs, as they were in the end.", anything("A value.", 15), {"replicas": 15}),
        },
        required=("step",),
        examples=[{"step": "scale", "with": {"replicas": 15}}],
    )


def _expect() -> Schema:
    name = text("The id of a step.", "roll_back")
    return closed(
        "What must come of it; only what is given is compared, each exactly.",
        {
            "outcome": one_of("What came of the run.", *_OUTCOMES),
            "status": one_of("Where the run is.", "running", "waiting", "interrupted", "finished", example="waiting"),
            "option": text("The option that resolved it.", "rollback"),
            "options": table(
                "How options ended, by option.", one_of("How it ended.", *_ENDS), {"rollback": "not_helped"}
            ),
            "gates": table(
                "How the gates of options were decided last, by option.",
                one_of("The decision.", *_DECISIONS),
                {"rollback": "granted"},
            ),
            "applied": items("Changes that were applied, in order, and no others.", name, ["roll_back"], []),
            "changes": items(
                "Changes that were applied, in order, and no others, each as it is said here.",
                {"$ref": "#/$defs/change"},
                [{"step": "scale", "target": "Deployment production/api", "with": {"replicas": 15}}],
                [],
            ),
            "undone": items("Changes that were undone, in order.", name, ["scale"]),
            "told": items(
                "Messages sent, as channel/template, in order.",
                text("A message.", "incidents/initial"),
                ["incidents/initial", "incidents/resolved"],
            ),
            "escalated": text("Who was paged last; `none` for nobody.", "production"),
            "verdicts": table(
                "Last verdicts, by step.", one_of("A verdict.", "pass", "fail", "unknown"), {"errors_low": "pass"}
            ),
            "steps": table(
                "Last status by step; `none` where it was never reached.",
                one_of("A status.", *_STATUSES),
                {"roll_back": "succeeded"},
            ),
            "means": table(
                "What readings meant in the end, by step.",
                text("What was said.", "The database does not answer."),
                {"triage/database": "The database does not answer."},
            ),
            "order": items(
                "What happened after each other, whatever else happened in between: steps, options (their gate opens), "
                "messages as channel/template, `undo STEP`, `page NAME`.",
                text("One of them.", "roll_back"),
                ["triage/history", "rollback", "roll_back", "undo roll_back", "incidents/escalated", "page production"],
                minItems=2,
            ),
            "continues": text(
                "The runbook that it goes on with; the scenario ends there.", "failover-database", pattern=NAME
            ),
            "within": duration("Longest simulated time.", "10m"),
        },
        minProperties=1,
        examples=[{"outcome": "resolved", "applied": ["roll_back"]}],
    )
