"""The frame of a regime: reports that a law, a contract or a rule of one's own asks for within a time."""

from __future__ import annotations

from typing import Final

from runbook.document.frames.common import Schema, closed, document, flag, items, one_of, table, text, whole
from runbook.document.frames.patterns import ANCHOR, COUNTRY, ID, WEB

ENTITIES: Final = ("credit_institution", "central_counterparty", "trading_venue", "nis2_entity", "trust_service")
_LIMIT: Final = {"from": "aware", "hours": 48}
_REPORT: Final = {"id": "notice", "title": "Notice of a breach", "to": "the customer", "limits": [_LIMIT]}


def frame() -> Schema:
    """JSON Schema of a regime."""
    return document(
        "Regime",
        "A regime: what must be reported to whom, within which time. People judge whether it applies.",
        {
            "name": text("Name of the regime; versions of one regime share it.", "acme_contract", pattern=ID),
            "title": text("What it is called.", "Framework agreement with Acme"),
            "status": one_of(
                "Law in force, a proposal that is never counted, hours that a contract sets, or a rule of your own.",
                "in_force",
                "proposed",
                "user_set",
                "policy",
            ),
            "source": closed(
                "Where it is written down.",
                {
                    "title": text("The act or the contract, as it is cited.", "Agreement 2026-017, clause 9"),
                    "url": text("Where it can be read.", "https://eur-lex.europa.eu/eli/reg/2016/679/oj", pattern=WEB),
                },
                required=("title",),
                examples=[{"title": "Agreement 2026-017, clause 9"}],
            ),
            "valid_from": text("First day on which this version counts.", "2026-01-01", format="date"),
            "valid_until": text("The day after the last.", "2027-01-01", format="date"),
            "questions": items(
                "What a person has to answer to say whether it applies. The tool never answers.",
                text("One question.", "Were systems hit that hold data of Acme?"),
                ["Were systems hit that hold data of Acme?"],
                minItems=1,
            ),
            "anchors": table(
                "The moments that its times count from, each with what it means here.",
                text("When that is.", "Somebody of ours knew that data of Acme were hit."),
                {"aware": "Somebody of ours knew that data of Acme were hit."},
                keys=ID,
            ),
            "reports": items("What must be reported.", _report(), [_REPORT], minItems=1),
            "note": text("What else to know.", "Call the account manager first."),
        },
        required=("name", "title", "status", "source", "valid_from", "questions", "anchors", "reports"),
        defs={},
    )


def _report() -> Schema:
    return closed(
        "One report.",
        {
            "id": text("Name of the report, unique in the regime.", "notice", pattern=ID),
            "title": text("What it is.", "Notice of a breach"),
            "to": text("Who gets it.", "the customer's security desk"),
            "article": text("Where the source says so.", "clause 9.2"),
            "condition": text(
                "When it is due, where that needs a judgement of its own.", "Data left the systems of the company."
            ),
            "limits": items("Its time limits; the earliest holds.", _limit(), [_LIMIT], minItems=1),
            "counting": one_of(
                "How time is counted. Default: elapsed.",
                "elapsed",
                "eu_1182_71",
                "calendar_days",
                "business_days",
                "sec_business_days",
            ),
            "rolls": closed(
                "Where a deadline moves to that falls on a weekend or a public holiday.",
                {
                    "to": one_of("Until when.", "noon_next_working_day"),
                    "except": items("For whom it does not move.", _entity(), ["credit_institution"], minItems=1),
                },
                required=("to",),
                examples=[{"to": "noon_next_working_day"}],
            ),
            "phases": flag("It may be filed with what is known; the rest follows."),
            "updates": flag("It may be filed again, and what counts from it counts from the last."),
            "information": items("What it must say.", _item(), [{"id": "what", "text": "What happened"}]),
            "note": text("What else to know.", "The customer asks for a form: see the annex."),
        },
        required=("id", "title", "to", "limits"),
        examples=[_REPORT],
    )


def _limit() -> Schema:
    schema = closed(
        "One time limit.",
        {
            "from": text(
                "The anchor, or `filed:` and a report of this regime.", "aware", "filed:notice", pattern=ANCHOR
            ),
            "hours": whole("Hours.", 48, minimum=0, maximum=8760),
            "days": whole("Days of the calendar.", 14, minimum=1, maximum=3660),
            "business_days": whole("Days that are neither weekend nor holiday.", 3, minimum=1, maximum=1000),
            "months": whole("Months.", 1, minimum=1, maximum=120),
            "aim": whole(
                "The rule names no number: hours after which to nag. 0: at once.", 24, minimum=0, maximum=8760
            ),
            "hours_for": closed(
                "Other hours for a kind of entity.",
                {name: whole("Hours.", 24, minimum=0, maximum=8760) for name in ENTITIES},
                examples=[{"trust_service": 24}],
            ),
            "after": one_of("Counted from the end of the anchor's year.", "year_end"),
            "unless_later": text(
                "An anchor; where it comes after this limit, the limit lapses.", "classified", pattern=ID
            ),
        },
        required=("from",),
        examples=[_LIMIT],
    )
    return {**schema, "minProperties": 2}


def _item() -> Schema:
    return closed(
        "Something that the report must say.",
        {
            "id": text("Name of the item, unique in the report.", "what", pattern=ID),
            "text": text("What it is.", "What happened"),
            "help": text("How to answer it.", "Systems, times, and how it was found."),
            "late": flag("Only where the report comes after its deadline."),
        },
        required=("id", "text"),
        examples=[{"id": "what", "text": "What happened"}],
    )


def _entity() -> Schema:
    return one_of("A kind of entity.", *ENTITIES)


def obligations() -> Schema:
    """What a configuration says of obligations."""
    own = closed(
        "What your contract or your policy says.",
        {
            "hours": whole("Hours.", 6, minimum=0, maximum=8760),
            "business_days": whole("Business days.", 2, minimum=1, maximum=1000),
            "contract": text("Where that stands.", "Acquirer agreement of 2026-03, clause 12"),
        },
        minProperties=1,
        examples=[{"hours": 6, "contract": "Acquirer agreement of 2026-03, clause 12"}],
    )
    return closed(
        "Legal and contractual deadlines of incidents.",
        {
            "scope": items(
                "The regimes that may concern you; only they are asked about. Default: all that are in force.",
                text("Name of a regime.", "gdpr", pattern=ID),
                ["gdpr", "nis2"],
            ),
            "files": items("Regimes of your own.", text("A file.", "obligations/acme.yaml"), ["obligations/acme.yaml"]),
            "regimes": table(
                "Times that are not the law's, by regime.",
                own,
                {"pci_dss": {"hours": 6, "contract": "Acquirer agreement of 2026-03, clause 12"}},
                keys=ID,
            ),
            "holidays": closed(
                "Whose public holidays count.",
                {
                    "country": text("A country by its two letters (ISO 3166).", "DE", pattern=COUNTRY),
                    "subdivision": text("A part of it, by its code.", "BY"),
                    "dates": items("Further days.", text("A day.", "2026-12-24", format="date"), ["2026-12-24"]),
                },
                minProperties=1,
                examples=[{"country": "DE", "subdivision": "BY"}],
            ),
            "zone": text("The time zone in which days are counted. Default: UTC.", "Europe/Berlin"),
            "entity": items(
                "What you are, where a regime makes a difference.", _entity(), ["credit_institution"], uniqueItems=True
            ),
        },
        examples=[{"scope": ["gdpr", "nis2"], "holidays": {"country": "DE"}, "zone": "Europe/Berlin"}],
    )
