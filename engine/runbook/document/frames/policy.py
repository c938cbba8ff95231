"""The frame of a policy: who may do what, and within which limits."""

from __future__ import annotations

from runbook.document.frames.common import (
    Schema,
    approval,
    closed,
    document,
    duration,
    items,
    number,
    one_of,
    person_list,
    table,
    text,
    whole,
)
from runbook.document.frames.patterns import EMAIL, HOST, LIMIT, LIMITED, PERSON, SSH_KEY

_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"


def frame() -> Schema:
    """JSON Schema of a policy."""
    return document(
        "Policy",
        "Who may run and approve what, and within which limits.",
        {**_who(), **_limits()},
        required=("people",),
        defs={"approval": approval()},
    )


def _who() -> Schema:
    members = items(
        "People of this group.", text("A person.", "oncall-engineer"), ["oncall-engineer"], minItems=1, uniqueItems=True
    )
    allowed = closed("Those who may.", {"from": person_list("People and groups.", ["sre"])}, required=("from",))
    return {
        "people": table(
            "People, by a name of your choice.", _person(), {"oncall-engineer": {"user": "oncall"}}, keys=PERSON
        ),
        "groups": table("Groups of people.", members, {"sre": ["oncall-engineer", "second-engineer"]}, keys=PERSON),
        "run": {**allowed, "description": "Who may start, resume and abort a run.", "examples": [{"from": ["sre"]}]},
        "attest": {
            **allowed,
            "description": "Who may say what a probe could not see.",
            "examples": [{"from": ["sre"]}],
        },
        "approvals": closed(
            "Who must approve, by effect; a runbook's own terms hold too.",
            {
                "change": {"$ref": "#/$defs/approval"},
                "destructive": {"$ref": "#/$defs/approval"},
            },
            examples=[{"change": {"required": 1, "from": ["sre"]}}],
        ),
        "break_glass": closed(
            "Who may override gates and freezes in an emergency, with a reason.",
            {
                "from": person_list("People and groups.", ["sre"]),
                "notify": items("Channels that are told.", text("A channel.", "incidents"), ["incidents"]),
            },
            required=("from",),
            examples=[{"from": ["sre"], "notify": ["incidents"]}],
        ),
    }


def _person() -> Schema:
    return closed(
        "A person, by the names that other systems know them by.",
        {
            "user": text("User name on this machine.", "oncall"),
            "email": text("E-mail address.", "oncall@example.com", pattern=EMAIL),
            "slack": text("Member id in Slack.", "U000000001"),
            "pagerduty": text("User id in PagerDuty.", "PXXXXXX"),
            "keys": items(
                "Public keys by which what they say to a run may be signed, as OpenSSH writes them.",
                text("One public key.", _KEY, pattern=SSH_KEY, maxLength=4096),
                [_KEY],
                uniqueItems=True,
            ),
        },
        examples=[{"user": "oncall", "email": "oncall@example.com"}],
    )


def _command() -> Schema:
    """An argument list, or one on other hosts."""
    word = text("One argument.", "git")
    host = text(
        "The host as the step or its connection names it; '*' stands for a part of it, without dots.",
        "db-*.example.com",
        pattern=HOST,
    )
    argv = items("The program and its arguments.", word, ["systemctl", "status", "*"], minItems=1)
    env = items(
        "Variables of its environment that the step may set, whatever their values; without it none.",
        text("Name of a variable.", "PGPASSWORD"),
        ["PGPASSWORD"],
    )
    return {
        "description": "One command: an argument list, or a mapping for one on another machine or with an `env`.",
        "type": ["array", "object"],
        "items": word,  # of a list; what follows is of a mapping
        "minItems": 1,
        "properties": {"host": host, "env": env, "argv": argv},
        "required": ["argv"],
        "additionalProperties": False,
        "examples": [
            ["git", "log", "*"],
            {"host": "db-*.example.com", "argv": ["uptime"]},
            {"env": ["PGPASSWORD"], "argv": ["pg_isready", "*"]},
        ],
    }


def _limits() -> Schema:
    return {
        "commands": closed(
            "Commands whose claim to be read-only is believed.",
            {
                "read": items(
                    "Argument lists; '*' stands for one argument, '--name=*' for one with any value. Of another "
                    "machine only with its host, with an `env` only with its names.",
                    _command(),
                    [["git", "log", "*"], {"host": "db-*.example.com", "argv": ["uptime"]}],
                )
            },
            examples=[{"read": [["git", "log", "*"]]}],
        ),
        "auto": _auto(),
        "blast_radius": table(
            "How much a change may touch, by kind of step; `namespaces` for Kubernetes.",
            table(
                "Bounds on what a change of this kind sets: `max_` or `min_` and the name of the value.",
                number("The bound.", 50),
                {"max_replicas": 50},
                keys=LIMIT,
            ),
            {"kubernetes.scale": {"max_replicas": 50}, "namespaces": {"deny": ["kube-system"]}},
            keys=LIMITED,
            properties={
                "namespaces": _places("Namespaces", "kube-system"),
                "connections": _places("Connections", "production-db"),
                "kinds": _places("Kinds of steps", "shell.run"),
            },
        ),
        "votes": one_of(
            "When what people say to a run counts: `by_store` asks for signatures in a shared database, where "
            "anybody who may write could write as anybody; `signed` asks for them everywhere. Default: by_store.",
            "by_store",
            "signed",
            example="signed",
        ),
        "unreviewed": one_of(
            "What becomes of a run whose documents are not read from a commit (`library: [{git, ref}]`): it is "
            "refused, needs `--break-glass` and a reason, or is allowed. Default: allow. It is always told.",
            "refuse",
            "break_glass",
            "allow",
        ),
        "seals": one_of(
            "Whether a run may be started that cannot be sealed, for want of a key. Default: optional, and it is told.",
            "optional",
            "required",
        ),
        "freeze": items(
            "Windows in which changes need break-glass.",
            _freeze(),
            [{"starts": "2026-12-24T00:00:00Z", "ends": "2026-12-27T00:00:00Z", "reason": "Holidays"}],
        ),
    }


def _places(what: str, example: str) -> Schema:
    names = items(f"{what}.", text("A name; '*' stands for any text.", example), [example])
    return closed(
        f"{what} that may or may not be changed.",
        {
            "deny": {**names, "description": "Never changed, not even in an emergency."},
            "allow": {**names, "description": "The only ones that may be changed."},
        },
        examples=[{"deny": [example]}],
    )


def _auto() -> Schema:
    return closed(
        "What the policy itself may approve in `--auto`, and its brakes.",
        {
            "runbooks": items("Runbooks that may.", text("A runbook.", "high-api-error-rate"), ["high-api-error-rate"]),
            "effects": items("Effects that may.", one_of("An effect.", "read", "notify", "change"), ["read", "change"]),
            "cooldown": duration("Time between two runs that applied something.", "30m"),
            "max_runs": closed(
                "Most runs that applied something, per runbook and target.",
                {"count": whole("How many.", 3, minimum=1), "per": duration("In how long.", "24h")},
                required=("count", "per"),
                examples=[{"count": 3, "per": "24h"}],
            ),
        },
        required=("runbooks", "effects"),
        examples=[{"runbooks": ["high-api-error-rate"], "effects": ["read", "change"], "cooldown": "30m"}],
    )


def _freeze() -> Schema:
    return closed(
        "One window.",
        {
            "starts": text("First instant, UTC.", "2026-12-24T00:00:00Z", format="date-time"),
            "ends": text("Instant after the last, UTC.", "2026-12-27T00:00:00Z", format="date-time"),
            "reason": text("Why; shown to whoever is blocked.", "Holidays"),
        },
        required=("starts", "ends", "reason"),
    )
