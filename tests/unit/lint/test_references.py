"""Names that lead to other documents, where a test of the whole lint does not show them."""

from __future__ import annotations

import pytest

from runbook.lint.lint import lint
from runbook.lint.samples import HEAD, TRIAGE
from support.rulings import said
from support.specs import SPECS

CONFIG = {"runbook.yaml": "apiVersion: runbook/v1\nkind: Config\nchannels: {incidents: {console: {}}}\n"}
NAMED = "parameters: {where: {type: string, default: incidents, enum: [incidents]}}\n"


@pytest.mark.parametrize(
    ("to", "found"),
    [("incidnts", ["the channel 'incidnts' is not configured"]), ("incidents", []), ('"{{ params.where }}"', [])],
)
def test_a_step_that_tells_a_channel_which_is_not_there_is_warned_of(to, found):
    """Its message would reach nobody; what comes out of a template is known in a run only."""
    step = f"finally:\n  - {{id: tell, uses: notify.send, with: {{to: {to}, message: Done.}}}}\n"
    assert said("RB057", NAMED, TRIAGE, step, files=CONFIG) == found


def test_without_a_configuration_nothing_is_known_of_channels():
    """So nothing is said."""
    step = "finally:\n  - {id: tell, uses: notify.send, with: {to: anybody, message: Done.}}\n"
    assert said("RB057", NAMED, TRIAGE, step) == []


CATALOG = "apiVersion: runbook/v1\nkind: Catalog\nseverities: [{name: P1, title: Down}, {name: P2, title: Slow}]\n"


@pytest.mark.parametrize(
    ("severity", "files", "found"),
    [
        ("SEV4", {}, []),
        ("SEV7", {}, ["without a catalog in the configuration there is no severity 'SEV7'"]),
        ("P1", {"catalog.yaml": CATALOG}, []),
        ("SEV1", {"catalog.yaml": CATALOG}, ["the catalog has no severity 'SEV1'"]),
    ],
)
def test_a_severity_is_one_of_the_catalog(severity, files, found):
    """A team's own names take the place of the four that are shipped."""
    config = "apiVersion: runbook/v1\nkind: Config\ncatalog: catalog.yaml\n"
    files = {**files, "runbook.yaml": config} if files else {}
    assert said("RB061", f"severity: {severity}\n", TRIAGE, files=files) == found


def test_a_catalog_that_tells_a_channel_which_is_not_there_is_warned_of(tmp_path):
    """Its incidents would be told to nobody."""
    (tmp_path / ".git").mkdir()
    for name, text in CONFIG.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "catalog.yaml").write_text(CATALOG + "types: [{name: Data, tell: [incidents, dba]}]\n")
    found = lint([tmp_path], SPECS).findings
    assert [(one.code, one.message) for one in found] == [("RB057", "the channel 'dba' is not configured")]


def test_a_catalog_that_cannot_be_used_is_told_of_where_it_stands(tmp_path):
    """Nothing is said of the severities of runbooks, which may all be right."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "runbook.yaml").write_text(
        "apiVersion: runbook/v1\nkind: Config\nlibrary: [.]\ncatalog: catalog.yaml\n"
    )
    (tmp_path / "catalog.yaml").write_text("apiVersion: runbook/v1\nkind: Catalog\nseverities: []\n")
    (tmp_path / "api.yaml").write_text(f"{HEAD}severity: P9\n{TRIAGE}")
    found = lint([tmp_path], SPECS).findings
    assert {one.code for one in found if one.path.endswith("api.yaml")} == set()
    assert any(one.path.endswith("catalog.yaml") for one in found)
