"""The frame of channels: where messages go, one type each."""

from __future__ import annotations

from typing import Final

from runbook.document.frames.common import Schema, closed, duration, flag, items, one_of, secret_or, table, text, whole
from runbook.document.frames.patterns import CONNECTION, MAIL, WEB

CHANNEL_TYPES: Final = ("console", "file", "webhook", "slack", "email", "statuspage", "cachet")
PAGES: Final = frozenset({"statuspage", "cachet"})  # the public reads them, unless the configuration says otherwise
SHARED: Final = ("audience", "confidential")  # what every channel may say of itself beside its type


def channels() -> Schema:
    """All channels of a project, by name."""
    types = {name: {"$ref": f"#/$defs/{name}"} for name in CHANNEL_TYPES}
    channel = closed(
        "A channel, under its type.",
        {
            **types,
            "audience": one_of(
                "Who reads it. Default: the team; of a status page, customers.",
                "team",
                "customers",
                example="customers",
            ),
            "confidential": flag("Only people who may know of confidential incidents read it.", True),
        },
        minProperties=1,
        examples=[{"file": {"path": "status-page.md"}, "audience": "customers"}],
    )
    return table("Where messages go.", channel, {"incidents": {"console": {}}}, keys=CONNECTION)


def definitions() -> Schema:
    """The settings of each type."""
    return {
        "console": closed("Prints on the terminal.", {}, examples=[{}]),
        "file": _file(),
        "webhook": _webhook(),
        "slack": _slack(),
        "email": _email(),
        "statuspage": _statuspage(),
        "cachet": _cachet(),
    }


def _file() -> Schema:
    return closed(
        "Appends to a file.",
        {"path": text("The file.", "status-page.md")},
        required=("path",),
        examples=[{"path": "status-page.md"}],
    )


def _webhook() -> Schema:
    return closed(
        "Posts JSON to a web address.",
        {
            "url": secret_or(text("Where it posts.", "https://hooks.example.com/incidents", pattern=WEB)),
            "headers": {"$ref": "#/$defs/headers"},
            **_over_the_net(),
        },
        required=("url",),
        examples=[{"url": "https://hooks.example.com/incidents"}],
    )


def _slack() -> Schema:
    settings = closed(
        "Posts to Slack: as a bot, or through an incoming webhook.",
        {
            "token": {"$ref": "#/$defs/reference", "examples": [{"env": "SLACK_TOKEN"}]},
            "channel": text("The channel: its id, or its name.", "C024BE91L", "#incidents"),
            "webhook": {"$ref": "#/$defs/reference", "examples": [{"env": "SLACK_WEBHOOK"}]},
            "updates": one_of(
                "Where what follows the first message about an incident stands. Default: in its thread.",
                "thread",
                "edit",
            ),
            "url": text("Where Slack's API is. Default: https://slack.com/api.", "https://slack.com/api", pattern=WEB),
            **_over_the_net(),
        },
        examples=[{"token": {"env": "SLACK_TOKEN"}, "channel": "#incidents"}],
    )
    return {**settings, "if": {"required": ["webhook"]}, "else": {"required": ["token", "channel"]}}


def _email() -> Schema:
    address = text("An address, without a name.", "ops@example.com", pattern=MAIL)
    return closed(
        "Sends mail through an SMTP server.",
        {
            "host": text("The SMTP server.", "smtp.example.com"),
            "port": whole("Its port. Default: 587, with `tls` 465, with `none` 25.", 587, minimum=1, maximum=65535),
            "security": one_of("How the connection is encrypted.", "starttls", "tls", "none"),
            "username": secret_or(text("Who logs in. Default: nobody.", "runbook")),
            "password": {"$ref": "#/$defs/reference"},
            "from": {**address, "description": "Who the mail is from: an address, without a name."},
            "to": items("Who gets it.", address, ["ops@example.com"], minItems=1, uniqueItems=True),
            **_over_the_net(),
        },
        required=("host", "from", "to"),
        examples=[{"host": "smtp.example.com", "from": "runbook@example.com", "to": ["ops@example.com"]}],
    )


def _statuspage() -> Schema:
    return closed(
        "Makes and updates incidents of an Atlassian Statuspage.",
        {
            "page": text("The page's id.", "kctbh9vrtdwd"),
            "token": {"$ref": "#/$defs/reference", "examples": [{"env": "STATUSPAGE_TOKEN"}]},
            "components": table(
                "Components of the page by the names that incidents use for what is affected.",
                text("The component's id.", "8kbf7d35c070"),
                {"checkout": "8kbf7d35c070"},
            ),
            "notify_subscribers": flag("Whether its subscribers are mailed. Default: nobody is.", True),
            "url": text(
                "Where its API is. Default: https://api.statuspage.io/v1.", "https://api.statuspage.io/v1", pattern=WEB
            ),
            **_over_the_net(),
        },
        required=("page", "token"),
        examples=[{"page": "kctbh9vrtdwd", "token": {"env": "STATUSPAGE_TOKEN"}}],
    )


def _cachet() -> Schema:
    return closed(
        "Makes and updates incidents of a Cachet 3 status page.",
        {
            "url": text("Where the page is.", "https://status.example.com", pattern=WEB),
            "token": {"$ref": "#/$defs/reference", "examples": [{"env": "CACHET_TOKEN"}]},
            "components": table(
                "Components of the page by the names that incidents use for what is affected.",
                whole("The component's number.", 3, minimum=1),
                {"checkout": 3},
            ),
            "notify_subscribers": flag("Whether its subscribers are mailed. Default: nobody is.", True),
            **_over_the_net(),
        },
        required=("url", "token"),
        examples=[{"url": "https://status.example.com", "token": {"env": "CACHET_TOKEN"}}],
    )


def _over_the_net() -> Schema:
    return {
        "timeout": duration("Longest time of one attempt.", "5s"),
        "ca_file": text("Certificates that are trusted, a PEM file.", "/etc/ssl/internal.pem"),
        "verify": flag("Whether the server's certificate is checked.", True),
    }
