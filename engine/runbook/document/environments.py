"""Which environment of a configuration is meant, and what the configuration says in it. Pure.

--env NAME  →  the labels of an alert  →  the one with `default: true`  →  nobody can tell
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from runbook.document.model import Config, Connection, Environment, ScenarioCase
from runbook.document.suggest import did_you_mean
from runbook.errors import UnknownEnvironment, UsageError

EVERY: Final = "all"  # in place of a name: every environment


def named(config: Config, name: str) -> Environment:
    """The environment of a name; UnknownEnvironment with the nearest."""
    names = [environment.name for environment in config.environments]
    found = next((environment for environment in config.environments if environment.name == name), None)
    if found is not None:
        return found
    if not names:
        raise UnknownEnvironment(
            f"there is no environment {name!r}: the configuration has none", hint="add it under `environments`"
        )
    raise UnknownEnvironment(f"there is no environment {name!r}", hint=did_you_mean(name, names, what="there are"))


def fitting(config: Config, labels: Mapping[str, str]) -> Environment | None:
    """The environment whose labels an alert has; None where no one's are. UnknownEnvironment for several."""
    found = [one for one in config.environments if one.labels and one.labels.items() <= labels.items()]
    if len(found) > 1:
        raise UnknownEnvironment(
            f"the alert has the labels of {len(found)} environments: {', '.join(one.name for one in found)}",
            hint="name one with --env, or make their `labels` differ",
        )
    return found[0] if found else None


def default(config: Config) -> Environment | None:
    """The environment that is taken where none is named."""
    return next((environment for environment in config.environments if environment.default), None)


def chosen(config: Config, name: str | None, labels: Mapping[str, str] | None) -> Environment | None:
    """The environment of a run; None only for a configuration that has none and a run that names none.

    `labels` are those of the alert that starts it. UsageError, with a list, where nothing says which.
    """
    if name is not None:
        return named(config, name)
    found = (fitting(config, labels) if labels else None) or default(config)
    if found is None and config.environments:
        names = ", ".join(environment.name for environment in config.environments)
        raise UsageError(
            f"which environment? there are {names}",
            hint=f"name one: --env {config.environments[0].name}; `default: true` makes one the default",
        )
    return found


def recorded(config: Config, started: Mapping[str, object]) -> Environment | None:
    """The environment of a run, by its first record, as the configuration has it today; None for a run in none."""
    name = started.get("environment")
    if name is None:
        return None
    try:
        return named(config, str(name))
    except UnknownEnvironment as error:
        raise UnknownEnvironment(
            f"the run takes place in the environment {name!r}, which is not in the configuration any more",
            hint="put it back under `environments`: without its connections and its policy the run cannot go on",
        ) from error


def simulated(config: Config, case: ScenarioCase, name: str | None = None) -> Environment | None:
    """The environment of a scenario: its own, else `name`, else its alert's or the default; else none at all."""
    wanted = case.environment or name
    if wanted is not None:
        return named(config, wanted)
    labels = (case.alert or {}).get("labels") or {}
    return fitting(config, labels) or default(config)


def within(config: Config, environment: Environment | None) -> Config:
    """The configuration as it is in an environment: its connections and its policy go before."""
    if environment is None:
        return config
    here: dict[str, Connection] = {connection.name: connection for connection in config.connections}
    here |= {connection.name: connection for connection in environment.connections}
    policy = environment.policy if environment.policy is not None else config.policy
    return msgspec.structs.replace(config, connections=tuple(here.values()), policy=policy)
