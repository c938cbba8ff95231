"""The regimes that a project knows: shipped ones, its own, and what it sets of them."""

from __future__ import annotations

import pytest

from runbook.document.regime import ObligationSettings, Standing
from runbook.errors import UsageError
from runbook.incident.obligations.regimes import Regimes
from support.obligations import ACME, at, regimes, version, versions

SHIPPED = regimes()


def test_every_law_that_is_promised_is_shipped_with_its_source() -> None:
    """A deadline without a source is a rumour."""
    assert set(SHIPPED.names) == {
        "break_glass_review",
        "circia",
        "cra_incident",
        "cra_vulnerability",
        "dora",
        "gdpr",
        "gdpr_omnibus",
        "hipaa",
        "nis2",
        "pci_dss",
        "sec_8k",
        "sox",
    }
    for each in versions():
        law = each.regime.status in (Standing.IN_FORCE, Standing.PROPOSED)
        assert each.regime.source.url or not law
        assert all(
            report.article or not law or each.regime.status is Standing.PROPOSED for report in each.regime.reports
        )


def test_proposals_are_never_asked_about() -> None:
    """They can be read about, and that is all."""
    asked = {each.regime.name for each in SHIPPED.asked(at("2026-11-23T00:00:00Z"))}
    assert {"circia", "gdpr_omnibus", "break_glass_review"}.isdisjoint(asked)
    assert "gdpr" in asked


def test_a_regime_is_asked_about_from_its_first_day_on() -> None:
    """Reporting under the Cyber Resilience Act began on 11 September 2026."""
    names = [
        {each.regime.name for each in SHIPPED.asked(at(day))}
        for day in ("2026-09-10T12:00:00Z", "2026-09-11T12:00:00Z")
    ]
    assert names[1] - names[0] == {"cra_vulnerability", "cra_incident"}


def test_the_version_of_a_day_is_the_one_that_counts() -> None:
    """An incident of last year is held to last year's text."""
    old = version(ACME.replace("valid_from: 2020-01-01", "valid_from: 2020-01-01\nvalid_until: 2026-01-01").encode())
    new = version(ACME.replace("2020-01-01", "2026-01-01").replace("hours: 10", "hours: 5").encode())
    both = Regimes([], [old, new], ObligationSettings())
    assert both.named("acme", at("2025-06-01T00:00:00Z")) == old
    assert both.named("acme", at("2026-06-01T00:00:00Z")) == both.named("acme") == new
    assert [each.digest for each in both.asked(at("2025-06-01T00:00:00Z"))] == [old.digest]


def test_a_project_sets_the_hours_of_its_contract() -> None:
    """24 hours are only where we begin."""
    set_ = regimes(regimes={"pci_dss": {"hours": 6, "contract": "clause 12"}})
    found, report = set_.report("pci_dss")
    assert (report.limits[0].hours, found.contract) == (6, "clause 12")
    assert SHIPPED.report("pci_dss")[1].limits[0].hours == 24


def test_a_project_sets_the_days_of_its_own_rules() -> None:
    """The review of a broken glass is a rule of the tool, for teams to change."""
    report = regimes(regimes={"break_glass_review": {"business_days": 1}}).report("break_glass_review")[1]
    assert report.limits[0].business_days == 1


def test_a_project_cannot_set_the_time_of_a_law() -> None:
    """A configuration does not change what the law says."""
    with pytest.raises(UsageError, match="the configuration sets the time of gdpr, which is law"):
        regimes(regimes={"gdpr": {"hours": 96}})


def test_a_name_in_the_configuration_that_is_no_regime_is_refused_with_the_nearest() -> None:
    """A scope with a slip in it would ask about nothing."""
    with pytest.raises(UsageError, match="no regime is called 'gdrp'") as error:
        regimes(scope=("gdrp",))
    assert error.value.hint == "did you mean 'gdpr'?"
    with pytest.raises(UsageError, match="no regime is called 'pci'"):
        regimes(regimes={"pci": {"hours": 6}})


def test_only_what_is_in_scope_is_asked_about() -> None:
    """Who ships no products is not asked about them at night."""
    asked = [each.regime.name for each in regimes(scope=("nis2", "gdpr")).asked(at("2026-11-23T00:00:00Z"))]
    assert asked == ["nis2", "gdpr"]


def test_a_regime_of_ones_own_stands_in_for_the_shipped_one_of_its_name() -> None:
    """National law may say more than the directive."""
    own = version(ACME.replace("name: acme", "name: nis2").encode())
    found = Regimes(versions(), [own], ObligationSettings())
    assert found.named("nis2") == own


def test_a_report_is_named_by_its_own_id_where_only_one_regime_has_it() -> None:
    """Where several have it, they are named."""
    assert SHIPPED.report("audit_committee")[0].regime.name == "sox"
    assert SHIPPED.report("authority")[0].regime.name == "gdpr"  # that of a proposal is nobody's
    with pytest.raises(UsageError, match="several regimes have a report 'early_warning'"):
        SHIPPED.report("early_warning")
    with pytest.raises(UsageError, match="'gdpr' has several reports"):
        SHIPPED.report("gdpr")
