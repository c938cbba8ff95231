"""Which checks a runbook calls for: data, made of the document alone."""

from __future__ import annotations

from typing import Any

import pytest

from runbook import kinds
from runbook.doctor.checks import Check, Enters, Fires, Known, Listens, May, OnPath, Reads, Resolves, Status, There
from runbook.doctor.runbooks import checks
from runbook.doctor.steps import Surroundings
from runbook.document.load import load
from runbook.document.model import Config, Connection, Person, Runbook
from support.policies import people

HEAD = """
apiVersion: runbook/v1
kind: Runbook
name: b
title: B
parameters:
  app: {type: string, examples: [api]}
  host: {type: string}
"""
TYPES = ("prometheus", "kubernetes", "ssh")


def called_for(text: str, *, given: dict[str, Any] | None = None, **policy: Any) -> list[Check]:
    document = load((HEAD + text).encode(), kinds.specs(), by_hand=True).document
    assert isinstance(document, Runbook)
    config = Config(connections=tuple(Connection(name=type_, type=type_) for type_ in TYPES))
    who = people(**policy) if policy else people("u", people={"u": Person(user="u")}, groups={})
    return checks(document, None, given or {}, Surroundings(config=config, people=who, specs=kinds.specs()))


def change(uses: str, inputs: str, more: str = "") -> str:
    """One option that changes something."""
    step = f"{{id: act, uses: {uses}, with: {inputs}}}"
    return f"resolution:\n  - id: option\n    steps:\n      - {step}\n{more}"


def works(found: list[Check], about: str = "act") -> list[Any]:
    return [check.work for check in found if check.about == about]


def test_an_alert_needs_a_rule_and_a_probe_is_read() -> None:
    """A measurement that stands there twice is taken once."""
    query = "uses: prometheus.query, with: {query: up}, expect: value > 1"
    alert, probe, other = called_for(
        f"symptoms:\n  - alert: Down\n  - {{id: a, {query}}}\ntriage:\n"
        f"  - {{id: b, {query}}}\n  - {{id: c, uses: prometheus.query, with: {{query: down}}}}\n"
    )
    assert (type(alert.work), type(probe.work), probe.about, other.about) == (Fires, Reads, "a", "c")


def test_a_change_in_a_cluster_needs_its_object_and_its_permissions() -> None:
    """It is not tried; its parameters stand for what they are by their examples."""
    found = called_for(change("kubernetes.scale", '{deployment: "{{ params.app }}", namespace: shop, replicas: 3}'))
    there, may = works(found)
    assert isinstance(there, There)
    assert (there.need.name, there.namespace) == ("api", "shop")
    assert isinstance(may, May)
    assert [(need.verb, need.resource) for need in may.needs] == [
        ("patch", "deployments.apps"),
        ("list", "horizontalpodautoscalers.autoscaling"),
    ]


def test_an_object_that_only_a_run_can_name_leaves_its_permissions() -> None:
    """They are asked for without a name; that the object is there is not checked, and what it waits for is said."""
    text = change("kubernetes.scale", '{deployment: "{{ alert.labels.app }}", namespace: shop, replicas: 3}')
    later, may = works(called_for(text))
    assert (later.status, later.text) == (Status.NOT_CHECKED, "whether it is there: needs alert.labels.app")
    assert {need.name for need in may.needs} == {None}


def test_without_its_namespace_nothing_is_asked() -> None:
    """Permissions in another namespace would prove nothing."""
    text = change("kubernetes.scale", '{deployment: api, namespace: "{{ alert.labels.ns }}", replicas: 3}')
    assert [work.text for work in works(called_for(text))] == ["its namespace needs alert.labels.ns"]


def test_what_a_command_starts_has_to_be_there() -> None:
    """Its program, and that of its undo; arguments that only a run can tell do not matter."""
    argv = '{argv: [rm, "{{ alert.labels.file }}"], undo: {argv: [touch, x]}}'
    assert [work.program for work in works(called_for(change("command.run", argv)))] == ["rm", "touch"]
    assert [work.program for work in works(called_for(change("shell.run", "{script: exit}")))] == ["/bin/sh"]


def test_what_goes_elsewhere_needs_somebody_there() -> None:
    """A machine that lets us in, a server that takes connections; secrets that lead somewhere."""
    ssh = works(called_for(change("ssh.run", "{host: db-1, argv: [reboot]}")))
    assert ssh == [Enters(link=ssh[0].link, host="db-1")]
    request = '{method: POST, url: "http://x/y", headers: {Authorization: {env: TOKEN}}}'
    secret, listens = works(called_for(change("http.request", request)))
    assert (secret, listens) == (Resolves(reference={"env": "TOKEN"}), Listens(link=None, url="http://x/y"))


def test_a_reference_elsewhere_is_no_secret() -> None:
    """What looks like one in an argv or in a manifest is never resolved, and so never run."""
    found = called_for(change("command.run", '{argv: [x], undo: {argv: [y], env: {A: "b"}}}'))
    assert [type(work) for work in works(found)] == [OnPath, OnPath]


def test_a_missing_parameter_is_asked_for() -> None:
    """It has neither default nor example, and can be given."""
    found = called_for('triage:\n  - {id: act, uses: tcp.connect, with: {host: "{{ params.host }}", port: 1}}\n')
    assert [(work.text, work.hint) for work in works(found)] == [("needs params.host", "give it: -p host=…")]
    given = called_for(
        'triage:\n  - {id: act, uses: tcp.connect, with: {host: "{{ params.host }}", port: 1}}\n', given={"host": "db"}
    )
    assert isinstance(works(given)[0], Reads)


def test_a_list_that_is_known_is_gone_through() -> None:
    """Each item has its checks; one that only a run can tell has its name said."""
    loop = "{id: act, uses: command.run, for_each: {items: %s, as: one}, with: {argv: ['{{ one }}', x]}}"
    known = called_for("resolution:\n  - id: option\n    steps:\n      - " + loop % "[rm, mv]" + "\n")
    assert [(check.about, check.work.program) for check in known if isinstance(check.work, OnPath)] == [
        ("act[rm]", "rm"),
        ("act[mv]", "mv"),
    ]
    text = "resolution:\n  - id: option\n    steps:\n      - {id: who, uses: git.log, with: {}}\n      - "
    later = works(
        called_for(text + (loop % "steps.who.commits, key: one.hash").replace("{{ one }}", "{{ one.hash }}") + "\n")
    )
    assert [work.text for work in later] == ["its program needs one.hash"]


@pytest.mark.parametrize(
    ("approval", "policy", "status", "said"),
    [
        ("{from: [ann]}", {"people": {"ann": Person(user="u-ann")}}, Status.OK, "can be opened: 1 of ann"),
        ("{from: [ann]}", {"people": {"ann": Person(email="a@x")}}, Status.FINDING, "no OS user for ann"),
        ("{from: [bob]}", {"people": {"ann": Person(user="u-ann")}}, Status.FINDING, "no person or group 'bob'"),
        ("{required: 2}", {"people": {"ann": Person(user="u-ann")}, "run": None}, Status.FINDING, "2 needed, 1 may"),
    ],
    ids=["somebody", "nobody here", "unknown", "too few"],
)
def test_a_gate_needs_people(approval: str, policy: dict[str, Any], status: Status, said: str) -> None:
    """Whom the policy knows, and who can say yes on this machine."""
    text = change("command.run", "{argv: [rm]}").replace("    steps:", f"    approval: {approval}\n    steps:")
    [gate] = works(called_for(text, **policy), "option")
    assert isinstance(gate, Known)
    assert gate.status is status
    assert said in gate.text


def test_a_channel_that_is_not_configured_tells_nobody() -> None:
    """Said with those that are."""
    text = "communication:\n  - {at: start, to: nowhere, text: x}\n"
    [work] = works(called_for(change("command.run", "{argv: [rm]}", text)), "communication")
    assert (work.status, "name one of: console" in work.hint) == (Status.FINDING, True)
