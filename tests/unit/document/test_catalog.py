"""The catalog of incidents as types, and the one that is shipped."""

from __future__ import annotations

from runbook import kinds, shipped
from runbook.document.catalog import Catalog
from runbook.document.durations import Duration
from runbook.document.load import load


def catalog(text: str | None = None) -> Catalog:
    data = shipped.catalog().read_bytes() if text is None else text.encode()
    document = load(data, kinds.specs()).document
    assert isinstance(document, Catalog)
    return document


def test_the_shipped_catalog_has_what_a_team_begins_with() -> None:
    """Four severities with how soon somebody works on them, and who responds to five types."""
    shipped_one = catalog()
    said = [(level.name, level.response.spoken, level.major) for level in shipped_one.severities]
    assert said == [
        ("SEV1", "immediately", True),
        ("SEV2", "within 15m", True),
        ("SEV3", "within 1h", False),
        ("SEV4", "in business hours", False),
    ]
    assert {one.name: (one.team, one.escalation) for one in shipped_one.types} == {
        "Service": (("DevOps", "SRE"), ("Engineering VP",)),
        "Security": (("Security", "DevOps"), ("CISO", "Legal")),
        "Data": (("DBA", "DevOps"), ("CTO",)),
        "Compliance": (("Compliance", "Legal"), ("CEO",)),
        "Third-party": (("DevOps", "Product"), ("Account manager",)),
    }
    assert [one.name for one in shipped_one.types if one.confidential] == ["Security"]
    assert shipped_one.severities[0].response.update_every == Duration.parse("15m")


def test_names_are_found_in_upper_and_lower_case() -> None:
    """Nobody looks up at night how it is written."""
    shipped_one = catalog()
    assert (level := shipped_one.level("sev2")) is not None and level.name == "SEV2"
    assert (class_ := shipped_one.class_("third-PARTY")) is not None and class_.name == "Third-party"
    assert shipped_one.level("SEV9") is None and shipped_one.class_(None) is None


def test_the_worst_ranks_first_and_what_is_unknown_last() -> None:
    """An incident of an older catalog sorts behind those that are known."""
    shipped_one = catalog()
    assert [shipped_one.rank(name) for name in ("SEV1", "SEV4", "P1")] == [0, 3, 4]


def test_what_a_severity_does_not_aim_at_is_not_known() -> None:
    """No target is not a target of nothing."""
    level = catalog("apiVersion: runbook/v1\nkind: Catalog\nseverities: [{name: P1, title: Down}]\n").severities[0]
    assert (level.response.spoken, level.response.update_every, level.major) == (None, None, False)
