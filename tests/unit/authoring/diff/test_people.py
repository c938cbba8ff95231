"""Rights that somebody gains are told person by person; terms that get weaker are told term by term."""

from __future__ import annotations

import pytest

from support.sides import said

CONFIG = "apiVersion: runbook/v1\nkind: Config\npolicy: policy.yaml\n"
POLICY = """\
apiVersion: runbook/v1
kind: Policy
people:
  ada: {user: ada, email: ada@example.com}
  bob: {user: bob}
  eve: {user: eve, email: Eve@Example.com}
groups:
  sre: [ada, bob]
  dba: [ada]
run: {from: [sre]}
approvals:
  change: {required: 2, from: [sre], from_each: [sre, dba], reason_required: true, via: [os], timeout: 10m}
break_glass: {from: [ada]}
"""
BOOK = """\
apiVersion: runbook/v1
kind: Runbook
name: a
title: A title
resolution:
  - id: o
    approval: {required: 1, from: [dba]}
    steps: [{id: s, uses: command.run, with: {argv: [reboot]}}]
verification: {checks: [{id: c, uses: tcp.connect, with: {host: h, port: 80}}]}
"""


def policies(old: str, new: str, *authors: str) -> list[tuple[str, str]]:
    assert old in POLICY
    files = {"runbook.yaml": CONFIG, "policy.yaml": POLICY}
    return [
        (one.code, one.sentence) for one in said(files, files | {"policy.yaml": POLICY.replace(old, new)}, *authors)
    ]


@pytest.mark.parametrize(
    ("old", "new", "code", "sentence"),
    [
        ("required: 2", "required: 1", "gate-weakened", "every gate before a change asks for 1 instead of 2"),
        (
            "from_each: [sre, dba], ",
            "",
            "gate-weakened",
            "every gate before a change no longer asks for one of sre, dba",
        ),
        ("reason_required: true, ", "", "gate-weakened", "every gate before a change: a yes needs no reason"),
        ("via: [os]", "via: [os, chat]", "gate-weakened", "every gate before a change counts more ways of saying yes"),
        ("via: [os], ", "", "gate-weakened", "every gate before a change counts more ways of saying yes"),
        ("timeout: 10m", "timeout: 1h", "gate-open-longer", "every gate before a change stays open for longer"),
        ("required: 2", "required: 3", "stricter", "every gate before a change asks for 3 instead of 2"),
        ("break_glass: {from: [ada]}", "break_glass: {from: [sre]}", "right-gained", "'bob' may break the glass"),
        (
            "run: {from: [sre]}",
            "run: {from: [sre, eve]}",
            "may-run",
            "'eve' may start and abort runs and attest a check",
        ),
        ("bob: {user: bob}", "bob: {user: root}", "identity-changed", None),
    ],
)
def test_each_term_and_each_right_is_told(old: str, new: str, code: str, sentence: str | None) -> None:
    """By what it means, whichever list it stands in."""
    found = policies(old, new)
    assert [one for one, _ in found] == [code]
    assert sentence is None or found[0][1] == sentence


def test_the_author_is_known_by_name_login_and_address() -> None:
    """In upper or lower case, and in the policy that they wrote themselves."""
    for author in ("eve", "EVE@example.com"):
        assert policies("sre: [ada, bob]", "sre: [ada, bob, eve]", author)[0][0] == "author-gains"
    assert policies("sre: [ada, bob]", "sre: [ada, bob, eve]", "ada@example.com")[0][0] == "right-gained"
    added = "  mallory: {user: m, email: m@example.com}\ngroups:\n  sre: [ada, bob, mallory]"
    assert policies("groups:\n  sre: [ada, bob]", added, "m@example.com")[0][0] == "author-gains"


def test_a_group_that_only_runbooks_ask_is_a_right_too() -> None:
    """Whoever joins it can answer their gates, although the policy itself gives nothing."""
    assert policies("dba: [ada]", "dba: [ada, bob]") == [
        ("right-gained", "'bob' joins 'dba', whom gates of runbooks may ask"),
    ]
    assert policies("dba: [ada]", "dba: [ada, eve]", "eve")[0][0] == "author-gains"
    assert policies("dba: [ada]", "dba: [bob]")[-1] == (
        "stricter",
        "'ada' leaves 'dba', whom gates of runbooks may ask",
    )
    assert policies("dba: [ada]", "dba: [ada]\n  new: [bob]")[0][0] == "added"


def test_a_right_taken_away_is_a_note() -> None:
    """And says which."""
    found = policies("sre: [ada, bob]", "sre: [ada]")
    assert {code for code, _ in found} == {"stricter"}
    assert "'bob' may no longer start and abort runs or approve changes" in found[0][1]


def test_the_author_gains_a_gate_of_a_runbook() -> None:
    """The list of one option is a right, too; groups are opened by the policy."""
    files = {"runbook.yaml": CONFIG, "policy.yaml": POLICY, "runbooks/a.yaml": BOOK}
    wider = files | {"runbooks/a.yaml": BOOK.replace("from: [dba]", "from: [sre]")}
    found = said(files, wider, "bob")
    assert [one.code for one in found] == ["author-gains", "gate-weakened"]
    assert found[0].sentence == "'bob', who wrote this change, may answer the gate of 'o'"
    assert [one.code for one in said(files, wider, "ada")] == ["gate-weakened"]


def test_another_list_of_the_same_people_is_not_weaker() -> None:
    """A group and its members are one."""
    files = {"runbook.yaml": CONFIG, "policy.yaml": POLICY, "runbooks/a.yaml": BOOK}
    spelt = files | {"runbooks/a.yaml": BOOK.replace("from: [dba]", "from: [ada]")}
    assert [one.code for one in said(files, spelt, "ada")] == ["words-changed"]
