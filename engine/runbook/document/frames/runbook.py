"""The frame of a runbook."""

from __future__ import annotations

from runbook.document.frames import advice
from runbook.document.frames.common import (
    SEVERITIES,
    Schema,
    anything,
    approval,
    as_read,
    caution,
    closed,
    document,
    duration,
    flag,
    items,
    links,
    measuring,
    one_of,
    output,
    outputs,
    parameter,
    parameters,
    retry,
    step,
    step_id,
    table,
    text,
    until,
)
from runbook.document.frames.loops import between_step, for_each, probed_for_each
from runbook.document.frames.patterns import ALERT, ID, LEVEL, NAME, TEMPLATE
from runbook.document.frames.reuse import continue_with, either, include, or_include


def frame() -> Schema:
    """JSON Schema of a runbook, without the kinds of steps."""
    return document(
        "Runbook",
        "A runbook: what is wrong, what it means, and ordered ways to resolve it.",
        {**_about(), **_body()},
        required=("name", "title"),
        defs={
            "retry": retry(),
            "parameter": parameter(),
            "approval": approval(),
            "output": output(),
            "signal": _signal(),
            "symptom": _symptom(),
            "include": include(),
            "triage_step": triage_step(),
            "triage_entry": or_include("triage_step"),
            "option_step": _option_step(),
            "option_entry": or_include("option_step"),
            "continue_with": continue_with(),
            "between_step": between_step(),
            "for_each": for_each(),
            "probed_for_each": probed_for_each(),
            "check": _check(),
            "final_step": _final_step(),
            "option": _option(),
            "verification": _verification(),
            "message": _message(),
            "escalation": _escalation(),
        },
    )


def _about() -> Schema:
    return {
        "name": text(
            "Name of the runbook, unique in its library; `runbook run NAME`.",
            "high-api-error-rate",
            pattern=NAME,
        ),
        "title": text("What is wrong, in a few words.", "High API error rate"),
        "service": text("The service that it is about.", "api"),
        "owners": items("Teams or people who keep it true.", text("One owner.", "team-api"), ["team-api"]),
        "severity": text(
            "How bad it is when it happens: SEV1 to SEV4, or a severity of the project's own catalog.",
            *SEVERITIES,
            pattern=LEVEL,
        ),
        "reviewed": text("Day of the last review.", "2026-11-01", format="date"),
        "tags": items("Words to find it by.", text("One tag.", "kubernetes"), ["api", "kubernetes"]),
        "user_facing": flag("Users notice it."),
        "description": text("Background, for people.", "The API serves the shop's checkout."),
        "about": text(
            "How the thing works, in Markdown: `runbook show` prints it.", "The API keeps its sessions in Redis."
        ),
        "caution": caution("shown at each of its gates"),
        "impact": text("What it means for users and the business.", "Users cannot complete purchases."),
        "links": links(),
    }


def _body() -> Schema:
    return {
        "parameters": parameters(),
        "target": _target(),
        "signals": table(
            "Measurements named once, used by symptoms, options, verification and reports.",
            {"$ref": "#/$defs/signal"},
            {"error_ratio": {"uses": "prometheus.query", "with": {"query": "job:errors:ratio"}}},
            keys=ID,
        ),
        "symptoms": items(
            "Any of them starts the runbook; without any it starts at once.",
            {"$ref": "#/$defs/symptom"},
            [{"alert": "ApiErrorRateHigh"}],
        ),
        "evidence": _evidence(),
        "triage": items(
            "Probes that run in parallel; a step waits for those that it names.",
            {"$ref": "#/$defs/triage_entry"},
            [{"id": "database", "uses": "tcp.connect", "with": {"host": "db", "port": 5432}}],
        ),
        "resolution": items(
            "Ways to resolve, in order; the first that verification confirms ends the run.",
            {"$ref": "#/$defs/option"},
            [{"id": "rollback", "steps": [{"id": "roll_back", "uses": "kubernetes.rollout_undo"}]}],
        ),
        "verification": {"$ref": "#/$defs/verification"},
        "communication": items(
            "Who is told what, and when.",
            {"$ref": "#/$defs/message"},
            [{"at": "start", "to": "incidents", "template": "initial"}],
        ),
        "escalation": {"$ref": "#/$defs/escalation"},
        "finally": items(
            "Reads and messages at the end of every run that passed its symptoms.",
            {"$ref": "#/$defs/final_step"},
            [{"id": "after", "signal": "error_ratio"}],
        ),
        "concurrency": text(
            "Runs with the same text here exclude each other. Default: the runbook and its target, or parameters.",
            "api-{{ params.namespace }}",
        ),
    }


def _target() -> Schema:
    return table(
        "The thing that is worked on: what names it, as templates over `params`, `alert` and `env`. "
        "Expressions see it as `target.KEY`; locks, brakes and history count per it.",
        text("What it is called; may be a template.", "{{ params.deployment }}"),
        {"kind": "Deployment", "namespace": "{{ params.namespace }}", "name": "{{ params.deployment }}"},
        keys=ID,
        required=["name"],
    )


def _evidence() -> Schema:
    plan = text("Name of an evidence plan.", "standard-kubernetes", pattern=NAME)
    inputs = table(
        "Parameters of the plan; the others take the run's of the same name.",
        anything("A value or a template.", "production"),
        {"namespace": "{{ params.namespace }}"},
    )
    return {
        "description": "What is preserved while people decide, before the first change: the name of a plan.",
        "if": {"type": "object"},
        "then": closed("A plan, and some of its parameters.", {"plan": plan, "with": inputs}, required=("plan",)),
        "else": plan,
        "examples": ["standard-kubernetes", {"plan": "standard-kubernetes", "with": {"namespace": "production"}}],
    }


def _signal() -> Schema:
    return {
        **closed(
            "A measurement named once.",
            as_read({**measuring(), "outputs": outputs()}),
            required=("uses",),
            examples=[{"uses": "prometheus.query", "with": {"query": "job:errors:ratio"}}],
        ),
        "allOf": [{"$ref": "#/$defs/kinds"}],
    }


def _symptom() -> Schema:
    alert = text(
        "Name of an alert: passes when it started the run, or fires now.",
        "ApiErrorRateHigh",
        pattern=ALERT,
    )
    labels = table(
        "Labels that the alert must have.",
        text("Value of the label; a template over parameters.", "api", "{{ params.namespace }}"),
        {"service": "api"},
    )
    properties = step("A probe.", alert=alert, labels=labels, outputs=outputs())["properties"]
    return {
        **closed(
            "A symptom: an alert by its name, or a probe with what it expects.",
            properties,
            examples=[{"id": "errors", "signal": "error_ratio", "expect": "value > 0.05"}],
        ),
        "if": {"required": ["alert"]},
        "else": {"required": ["id"], "if": {"required": ["signal"]}, "else": {"required": ["uses"]}},
        "allOf": [{"$ref": "#/$defs/kinds"}],
    }


def _when() -> Schema:
    return text("Only if this expression is true.", "steps.history.latest.age_seconds < 7200")


def _step_on_failure() -> Schema:
    return one_of("What a failed step means to its option.", "stop", "continue")


def triage_step() -> Schema:
    """A step of triage, and of a `Steps` document."""
    return step(
        "A probe.",
        when=_when(),
        means=advice.means(),
        outputs=outputs(),
        until=until(),
        for_each={"$ref": "#/$defs/probed_for_each"},
    )


def _option_step() -> Schema:
    return step(
        "A step of an option: a probe, a change, or something for a person to do.",
        when=_when(),
        on_failure=_step_on_failure(),
        irreversible=text("Why this cannot be undone.", "Deleted messages cannot be brought back."),
        outputs=outputs(),
        until=until(),
        for_each={"$ref": "#/$defs/for_each"},
    )


def _check() -> Schema:
    advisory = flag("Shown and recorded, but it does not decide.")
    return step("A check: a probe with what it expects.", advisory=advisory, outputs=outputs())


def _final_step() -> Schema:
    return step(
        "A read or a message at the end.",
        when=_when(),
        on_failure=_step_on_failure(),
        outputs=outputs(),
        until=until(),
    )


def _option() -> Schema:
    return either(_options_keys(), "steps", "continue_with", beside=("id", "title", "description", "links", "when"))


def _options_keys() -> Schema:
    return closed(
        "One way to resolve: its own steps, or the runbook that it goes on with.",
        {
            "id": step_id(),
            "title": text("What it does.", "Roll back the last deployment"),
            "description": text("Anything more that a person should know.", "Takes about two minutes."),
            "caution": caution("shown at its gates"),
            "links": links(),
            "when": _when(),
            "for_each": {"$ref": "#/$defs/for_each"},
            "temporary": duration(
                "What it changes is meant to be taken back after this time: a follow-up says so.", "24h"
            ),
            "approval": {"$ref": "#/$defs/approval"},
            "steps": items(
                "What is done, in order.",
                {"$ref": "#/$defs/option_entry"},
                [{"id": "scale", "uses": "kubernetes.scale"}],
                minItems=1,
            ),
            "continue_with": {"$ref": "#/$defs/continue_with"},
            "settle": duration("Time to wait before verification.", "2m"),
            "verification": {
                "description": "How it is known that this option helped, instead of what the runbook says.",
                "$ref": "#/$defs/verification",
            },
            "on_failure": one_of("When a step failed: leave what was applied, or undo it.", "stop", "undo"),
            "when_not_helped": one_of("When verification says no: keep what was applied, or undo it.", "keep", "undo"),
            "auto": flag("Whether the policy may approve it in `--auto`.", False),
        },
        required=("id",),
        examples=[{"id": "scale_up", "steps": [{"id": "scale", "uses": "kubernetes.scale"}]}],
    )


def _verification() -> Schema:
    return closed(
        "How it is known that the trouble is over.",
        {
            "within": duration("Time in which the checks must pass. Default 5m.", "10m"),
            "every": duration("Time from one round's start to the next. Default 15s, at least 1s.", "15s"),
            "hold": duration("How long every round must pass without a break. Default: one passing round.", "1m"),
            "checks": items(
                "All of them must pass in the same round.",
                {"$ref": "#/$defs/check"},
                [{"id": "errors_low", "signal": "error_ratio", "expect": "value < 0.01"}],
                minItems=1,
            ),
        },
        required=("checks",),
        examples=[{"within": "10m", "checks": [{"id": "errors_low", "signal": "error_ratio"}]}],
    )


def _message() -> Schema:
    return closed(
        "A message to a channel: `at` a moment or `every` so often; by `template` or with `text`.",
        {
            "id": step_id(),
            "at": one_of("When it is sent.", "start", "resolved", "not_resolved", "finished"),
            "every": duration("How often it is sent while the run is open.", "15m"),
            "to": text("A channel of the config.", "incidents"),
            "template": text("Name of a message template.", "initial", pattern=TEMPLATE),
            "text": text("The message itself; may be a template.", "Rolled back {{ params.deployment }}."),
            "when": _when(),
        },
        required=("to",),
        examples=[{"at": "start", "to": "incidents", "template": "initial"}],
    )


def _escalation() -> Schema:
    return closed(
        "Who is paged when every option was tried, when nobody decided, and in any case after a time.",
        {
            "to": text("An escalation policy of the on-call document.", "production", pattern=NAME),
            "after": duration("Time after which it pages while the run goes on.", "20m"),
            "message": text("What the page says; may be a template.", "{{ run.runbook }} did not resolve it"),
            "contacts": advice.contacts(),
        },
        required=("to",),
        examples=[{"to": "production", "after": "20m"}],
    )
