"""Matchers: read as amtool reads them, spelt so that Alertmanager reads the same, and never meaning everything."""

from __future__ import annotations

import pytest

from runbook.errors import ParameterError
from runbook.kinds.alertmanager_matchers import Matcher, read, spelt


@pytest.mark.parametrize(
    ("written", "operator", "value"),
    [
        ("job=api", "=", "api"),
        ('job="api"', "=", "api"),
        ("job = api ", "=", "api"),
        ("job!=api", "!=", "api"),
        ('job=~"api|web"', "=~", "api|web"),
        ("job!~a.*", "!~", "a.*"),
        (r'job="a\"b\\c"', "=", r'a"b\c'),
        ("job=a=b", "=", "a=b"),
        ('job=""', "=", ""),
    ],
)
def test_a_matcher_is_read_as_amtool_writes_it(written: str, operator: str, value: str) -> None:
    """With quotes and without."""
    assert read([written]) == (Matcher("job", operator, value),)


def test_in_a_mapping_a_value_is_a_value() -> None:
    """What an alert's label holds cannot become an operator or a second matcher."""
    assert read({"instance": '~".*', "shard": 3}) == (Matcher("instance", "=", '~".*'), Matcher("shard", "=", "3"))


def test_order_and_repetition_do_not_matter() -> None:
    """They would make two digests of one silence."""
    assert read(["b=2", "a=1", 'b="2"']) == read({"a": "1", "b": "2"})


def test_what_is_spelt_is_read_again() -> None:
    """Quotes, backslashes and line ends survive the way to Alertmanager and back."""
    matcher = Matcher("path", "=", 'C:\\x "y"\nz')
    assert read([str(matcher)]) == (matcher,)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("job=api", "must be a list or a mapping"),
        (["api"], "no matcher; write it as name=value"),
        (["1a=b"], "no matcher"),
        ([7], "no matcher"),
        (['job="a"b"'], "quotes"),
        (['job=~"("'], "pattern of job cannot be read: missing"),
        ({"a-b": "c"}, "cannot be the name of a label"),
        ({"job": None}, "must be text"),
        ({"job": True}, "must be text"),
    ],
)
def test_what_is_no_matcher_is_refused(value: object, said: str) -> None:
    """With what to write instead."""
    with pytest.raises(ParameterError, match=said):
        read(value)


@pytest.mark.parametrize("written", ["a=b", "a=~b.*", "a=~(b|c)", 'a=~"[a-z]+"'])
def test_a_matcher_with_a_value_selects(written: str) -> None:
    """There are alerts that it does not fit."""
    assert read([written])[0].selects


@pytest.mark.parametrize("written", ['a=""', "a=~.*", "a=~.+", "a=~(.|x)+", 'a!=""', "a!=b", "a!~b.*", 'a=~"b?"'])
def test_a_matcher_that_fits_any_alert_or_any_without_the_label_does_not(written: str) -> None:
    """Alone it would silence all that is not known yet."""
    assert not read([written])[0].selects


def test_people_read_matchers_as_they_stand_in_the_step() -> None:
    """Templates and all."""
    assert spelt({"job": "{{ params.job }}"}) == "job={{ params.job }}"
    assert spelt(["a=b", "c!=d"]) == "a=b, c!=d"
    assert spelt("{{ params.matchers }}") == "{{ params.matchers }}"
