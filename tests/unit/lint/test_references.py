"""Names that lead to other documents, where a test of the whole lint does not show them."""

from __future__ import annotations

import pytest

from runbook.lint.samples import TRIAGE
from support.rulings import said

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
