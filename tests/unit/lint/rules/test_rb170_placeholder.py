"""RB170: what somebody should have filled in."""

from __future__ import annotations

import pytest

from support.contents import option, parameters, read, step, symptom
from support.rulings import said

CONFIG = "apiVersion: runbook/v1\nkind: Config\n"


@pytest.mark.parametrize(
    "host",
    [
        "example.com",
        "https://api.shop.example.org/health",
        "db.example:5432",
        "a.invalid",
        "https://{{ run.mode }}.example.com/",
        "your-domain.com",
    ],
)
def test_a_host_that_is_kept_for_examples_is_found_where_it_is_used(host):
    """In an input, a default, a link, a connection."""
    assert len(said("RB170", step("command.run", {"argv": ["a", host], "effect": "read"}))) == 1
    assert len(said("RB170", parameters(x={"type": "string", "default": host}), read("a"))) == 1
    if host.startswith("https") and "{{" not in host:
        assert len(said("RB170", f"links: [{{title: A, url: '{host}'}}]\n", read("a"))) == 1
        config = f"{CONFIG}connections: {{prometheus: {{url: '{host}'}}}}\n"
        assert len(said("RB170", files={"runbook.yaml": config})) == 1


@pytest.mark.parametrize(
    "word", ["TODO", "CHANGEME", "change it: CHANGE_ME", "FIXME later", "<your-team>", "<NAMESPACE>"]
)
def test_a_word_that_stands_for_another_is_found(word):
    """In an input."""
    assert len(said("RB170", step("command.run", {"argv": ["a", word], "effect": "read"}))) == 1


def test_words_for_people_may_be_missing_too():
    """An impact that nobody wrote, and what an import left open."""
    assert len(said("RB170", "impact: TODO say who notices\n", read("a"))) == 1
    assert len(said("RB170", option("manual.do", {"text": "TODO: restart it."}))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Ask `dig www.example.com`.",
        "Restart the pod <POD> by hand.",
        "See the to-do list; change me not.",
        "For example.",
    ],
)
def test_text_for_people_may_have_examples(text):
    """They know what is meant."""
    assert said("RB170", option("manual.do", {"text": text})) == []


@pytest.mark.parametrize(
    "word", ["examples.com.au", "my-example.common", "counterexample.company", "example", "invalid", "shop.acme.io"]
)
def test_what_only_looks_like_one_is_left_alone(word):
    """Somebody may be called so."""
    assert said("RB170", step("command.run", {"argv": ["a", word], "effect": "read"})) == []


def test_examples_descriptions_and_code_are_left_alone():
    """Examples are what these names are for; `<WORD>` in a query or a script is something else."""
    given = parameters(x={"type": "string", "default": "a", "description": "TODO", "examples": ["a.example.com"]})
    assert said("RB170", given.replace('"description": "TODO", ', ""), read("a")) == []
    assert said("RB170", step("shell.run", {"script": "cat <INPUT> x", "effect": "read"})) == []
    assert said("RB170", symptom('a{b=~"(?P<NAME>x)"}')) == []


def test_the_word_is_named_without_what_stands_before_it():
    """And a pattern is no placeholder."""
    assert said("RB170", read("a", "--namespace=<NAMESPACE>")) == ["'<NAMESPACE>' is a placeholder"]
    assert said("RB170", read("grep", "/<ERROR>/")) == []
