from __future__ import annotations

import re
from pathlib import Path

import pytest

from runbook.core.terms import Terms
from runbook.document.load import load
from runbook.document.model import Approval, Policy
from runbook.document.words import Effect
from runbook.policy.people import People
from runbook.policy.terms import effective_terms

PAGE = Path(__file__).parents[3] / "docs" / "policy.md"
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
WHOLE = next(block for block in BLOCKS if "kind: Policy" in block)
FRAGMENTS = [block for block in BLOCKS if "apiVersion" not in block]
FRAME = "apiVersion: runbook/v1\nkind: Policy\n"
NOBODY = "people: {ann: {user: ann}, ben: {user: ben}, dora: {user: dora}}\n"
GROUPS = "groups: {sre: [ann, ben], dba: [dora]}\n"


def the_policy() -> Policy:
    document = load(WHOLE.encode(), {}, path="policy.yaml").document
    assert isinstance(document, Policy)
    return document


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=lambda text: text.split(":")[0])
def test_every_example_of_the_page_is_a_policy(fragment: str) -> None:
    """What the page shows can be pasted into a policy as it stands."""
    people = "" if "people:" in fragment else NOBODY + GROUPS
    assert load((FRAME + people + fragment).encode(), {}).kind == "Policy"


def test_the_page_shows_every_key_of_a_policy() -> None:
    """A key that is added to the policy is explained there, with an example."""
    shown = "".join(FRAGMENTS)
    assert [key for key in Policy.__struct_fields__ if not re.search(rf"^{key}:", shown, re.MULTILINE)] == []


def test_the_gate_that_the_page_works_out_is_the_one_that_comes_out() -> None:
    """The table of the page is what the rules give."""
    terms = effective_terms(
        Approval(required=1, from_=("sre",), timeout=600),
        Effect.DESTRUCTIVE,
        People(the_policy(), "oncall"),
        ["oncall-engineer"],
    )
    assert terms == Terms(
        required=2,
        timeout=600.0,
        from_=("oncall-engineer", "second-engineer"),
        exclude_initiator=True,
        asks="2 of sre, other than who started the run",
        cannot_be_met="cannot be met: 2 needed, 1 may",
    )
