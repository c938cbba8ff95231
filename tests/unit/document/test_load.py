"""From bytes to the model: short forms, signals, connections, and everything wrong at once."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings

from runbook.document.build import symptom_id
from runbook.document.load import load
from runbook.document.model import Channel, Config, Connection, EvidencePlan, Policy, Runbook, Scenarios
from runbook.document.words import Audience, Series
from runbook.errors import DocumentError, Exit
from support.cases import CASES, HEAD, codes, findings
from support.mutations import mutated
from support.specs import SPECS


def loaded(name: str) -> object:
    return load((CASES / "valid" / f"{name}.yaml").read_bytes(), SPECS).document


def runbook(text: str) -> Runbook:
    document = load((HEAD + text).encode(), SPECS).document
    assert isinstance(document, Runbook)
    return document


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("high-api-error-rate", Runbook),
        ("high-api-error-rate.scenarios", Scenarios),
        ("standard-kubernetes", EvidencePlan),
        ("policy", Policy),
        ("config", Config),
    ],
)
def test_each_kind_of_document_becomes_its_type(name: str, kind: type) -> None:
    """`kind` decides, not the file's name."""
    assert type(loaded(name)) is kind


def test_a_step_takes_from_its_signal_what_it_does_not_say_itself() -> None:
    """The signal says what is measured; the step's own connection, series and timeout win."""
    book = runbook(
        "signals: {up: {uses: prometheus.query, with: {query: up}, timeout: 9s, retry: {attempts: 4}, series: any}}\n"
        "triage: [{id: a, signal: up, timeout: 1m30s, connection: other}]\n"
    )
    [step] = book.triage
    assert (step.signal, step.uses, step.inputs) == ("up", "prometheus.query", {"query": "up"})
    assert (step.timeout, step.retry.attempts, step.series, step.connection) == (90.0, 4, Series.ANY, "other")


@pytest.mark.parametrize(
    ("alert", "id_"),
    [
        ("ApiErrorRateHigh", "api_error_rate_high"),
        ("HTTPErrors5xx", "http_errors5xx"),
        ("KubePodCrashLooping", "kube_pod_crash_looping"),
        ("already_snake", "already_snake"),
        ("_5xxHigh", "alert_5xx_high"),
        ("A" * 100, "a" * 63),
    ],
)
def test_the_id_of_an_alert_is_its_name_in_snake_case(alert: str, id_: str) -> None:
    """An alert symptom without an `id` can be named in scenarios and expressions all the same."""
    assert symptom_id(alert) == id_


def test_a_symptom_keeps_the_id_that_it_was_given() -> None:
    """Only a missing id is made up."""
    book = runbook("symptoms: [{alert: ApiDown}, {id: slow, alert: ApiSlow, labels: {a: b}}]\n")
    assert [(s.id, s.alert, s.probe) for s in book.symptoms] == [
        ("api_down", "ApiDown", None),
        ("slow", "ApiSlow", None),
    ]


def test_messages_without_an_id_are_numbered_from_one() -> None:
    """Their keys in the journal are `communication/1`, `communication/2`."""
    book = runbook(
        "communication:\n  - {at: start, to: a, template: initial}\n  - {id: b, every: 1h, to: a, text: x}\n"
        "  - {at: finished, to: a, text: y}\n"
    )
    assert [message.id for message in book.communication] == ["1", "b", "3"]


def test_evidence_may_be_named_short_or_long() -> None:
    """A plan's name alone is the plan without inputs."""
    short, long = runbook("evidence: plan-a\n"), runbook("evidence: {plan: plan-a, with: {x: 1}}\n")
    assert short.evidence
    assert long.evidence
    assert (short.evidence.plan, short.evidence.inputs) == ("plan-a", {})
    assert (long.evidence.plan, long.evidence.inputs) == ("plan-a", {"x": 1})


def test_connections_are_named_and_typed() -> None:
    """Under its type's name a connection is the default; under another name its type stands inside."""
    config = loaded("config")
    assert isinstance(config, Config)
    prometheus, kubernetes, staging = config.connections
    assert (prometheus.name, prometheus.type, prometheus.settings["timeout"]) == ("prometheus", "prometheus", "5s")
    assert kubernetes == Connection(name="kubernetes", type="kubernetes", settings={"context": "production"})
    assert staging == Connection(name="staging", type="kubernetes", settings={"context": "staging"})


def test_channels_are_typed_and_say_who_reads_them() -> None:
    """A channel is for the team unless it says customers."""
    config = loaded("every-connection")
    assert isinstance(config, Config)
    assert config.channels[0] == Channel(name="incidents", type="console")
    assert (config.channels[1].type, config.channels[1].audience) == ("file", Audience.CUSTOMERS)


def test_a_configuration_of_nothing_is_the_default() -> None:
    """Library `runbooks`, the user's store, one channel on the console."""
    config = load(b"apiVersion: runbook/v1\nkind: Config\n", SPECS).document
    assert config == Config()


def test_templates_and_expressions_stay_text() -> None:
    """Nothing is compiled or evaluated while a document is loaded."""
    book = loaded("high-api-error-rate")
    assert isinstance(book, Runbook)
    assert book.resolution[1].steps[0].inputs["replicas"] == "{{ params.replicas }}"
    assert book.symptoms[1].probe
    assert book.symptoms[1].probe.expect == "value > 0.05"


def test_what_the_schema_and_the_rules_find_comes_together() -> None:
    """An unknown key does not hide an expression that cannot be read."""
    text = HEAD + "triage:\n  - {id: a, uses: prometheus.query, with: {query: up}, expect: value >}\ntitel: x\n"
    assert codes(text) == ["6:71 RB031", "7:1 RB021"]


def test_an_unusable_document_says_so_with_exit_code_3() -> None:
    """Findings are data, and the error's text is their lines."""
    with pytest.raises(DocumentError) as caught:
        load(b"kind: Runbok\n", SPECS, path="a.yaml")
    assert caught.value.exit is Exit.INVALID
    assert str(caught.value) == "a.yaml:1:7: RB020: 'Runbok' is not a kind of document; did you mean 'Runbook'?"


@pytest.mark.fault(2)
@pytest.mark.parametrize("kind", ["Runbook", "Scenario", "EvidencePlan", "Policy", "Config"])
def test_a_document_of_nothing_names_what_is_missing(kind: str) -> None:
    """The first keys of a new file are told one by one."""
    missing = [finding.message for finding in findings(f"kind: {kind}\n")]
    assert "the key 'apiVersion' is missing" in missing


@pytest.mark.fault(2, 5, 13, 16)
@settings(max_examples=150, deadline=None)
@given(mutated())
def test_no_document_does_anything_but_load_or_be_refused(data: dict[str, object]) -> None:
    """The rules bear whatever the schema has already complained about."""
    for finding in findings(json.dumps(data, indent=1)):
        assert finding.code.startswith("RB")
        assert finding.message
        assert "None" not in finding.message
