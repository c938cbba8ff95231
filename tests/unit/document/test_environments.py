"""Which environment is meant, and what the configuration says in it."""

from __future__ import annotations

from typing import Any

import pytest

from runbook.document.environments import chosen, recorded, simulated, within
from runbook.document.model import Config, Connection, Environment, ScenarioCase, ScenarioExpect
from runbook.errors import Exit, UnknownEnvironment, UsageError

STAGING = Environment(name="staging", labels={"stage": "staging"})
PROD = Environment(name="prod-eu", labels={"stage": "prod", "cluster": "eu"})
BOTH = Config(environments=(STAGING, PROD))


def config(*environments: Environment) -> Config:
    return Config(environments=environments)


def test_a_project_without_environments_has_none() -> None:
    """Exactly as before there were any."""
    assert chosen(Config(), None, {"stage": "prod"}) is None


@pytest.mark.parametrize(
    ("name", "labels", "found"),
    [
        ("staging", {"stage": "prod", "cluster": "eu"}, STAGING),
        (None, {"stage": "prod", "cluster": "eu", "pod": "a"}, PROD),
    ],
    ids=["named", "the alert's"],
)
def test_a_name_goes_before_an_alert(name: str | None, labels: dict[str, str], found: Environment) -> None:
    """Whoever types a name means it."""
    assert chosen(BOTH, name, labels) == found


@pytest.mark.parametrize("labels", [None, {}, {"stage": "prod"}], ids=["no alert", "no labels", "some of them"])
def test_the_default_is_taken_where_nothing_else_says(labels: dict[str, str] | None) -> None:
    """An alert that has only some of the labels is not about the environment."""
    default = Environment(name="lab", default=True)
    assert chosen(config(PROD, default), None, labels) == default


def test_without_a_default_all_are_listed() -> None:
    """Nothing is guessed: exit 2."""
    with pytest.raises(UsageError, match="there are staging, prod-eu") as error:
        chosen(BOTH, None, None)
    assert (error.value.exit, error.value.hint) == (
        Exit.USAGE,
        "name one: --env staging; `default: true` makes one the default",
    )


def test_an_alert_that_fits_two_fits_none() -> None:
    """Both are named, and the default does not decide it: exit 3."""
    wide = Environment(name="all-of-prod", labels={"stage": "prod"})
    with pytest.raises(UnknownEnvironment, match="prod-eu, all-of-prod") as error:
        chosen(config(PROD, wide, Environment(name="lab", default=True)), None, PROD.labels)
    assert error.value.exit == Exit.INVALID


@pytest.mark.parametrize(
    ("known", "hint"),
    [(BOTH, "did you mean 'prod-eu'?"), (Config(), "add it under `environments`")],
    ids=["misspelt", "none at all"],
)
def test_a_name_that_is_not_there_is_said_with_the_nearest(known: Config, hint: str) -> None:
    """Exit 3, with nothing run."""
    with pytest.raises(UnknownEnvironment) as error:
        chosen(known, "prod-ue", None)
    assert (error.value.exit, error.value.hint) == (Exit.INVALID, hint)


def test_an_environment_overrides_connections_by_name() -> None:
    """What it does not say stays."""

    def connection(name: str, url: str) -> Connection:
        return Connection(name=name, type="http", settings={"url": url})

    base = Config(policy="a.yaml", connections=(connection("http", "all"), connection("shop", "all")))
    here = within(base, Environment(name="x", connections=(connection("shop", "here"), connection("more", "here"))))
    assert {one.name: one.settings["url"] for one in here.connections} == {
        "http": "all",
        "shop": "here",
        "more": "here",
    }
    assert here.policy == "a.yaml"
    assert within(base, Environment(name="x", policy="b.yaml")).policy == "b.yaml"


@pytest.mark.parametrize("first", [{}, {"environment": None}], ids=["an older record", "none"])
def test_a_run_in_no_environment_stays_in_none(first: dict[str, Any]) -> None:
    """Also once the project has some: the run was started without."""
    assert recorded(BOTH, first) is None


def test_an_environment_that_vanished_is_said_so() -> None:
    """The run's name for it, and what to do: exit 3."""
    with pytest.raises(UnknownEnvironment, match="'prod-us', which is not in the configuration any more") as error:
        recorded(BOTH, {"environment": "prod-us"})
    assert error.value.exit == Exit.INVALID


def case(**keys: Any) -> ScenarioCase:
    return ScenarioCase(name="x", expect=ScenarioExpect(), **keys)


@pytest.mark.parametrize(
    ("scenario", "name", "found"),
    [
        (case(environment="staging", alert={"labels": PROD.labels}), "prod-eu", STAGING),
        (case(), "prod-eu", PROD),
        (case(alert={"labels": PROD.labels}), None, PROD),
        (case(), None, None),
    ],
    ids=["its own", "the command's", "its alert's", "none"],
)
def test_a_scenario_takes_place_where_it_says(
    scenario: ScenarioCase, name: str | None, found: Environment | None
) -> None:
    """A rehearsal needs none: what it lacks is unknown in it."""
    assert simulated(BOTH, scenario, name) == found
