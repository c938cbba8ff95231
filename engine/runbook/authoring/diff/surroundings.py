"""The configuration beside what it was: where connections, messages, the policy and the record lead, and in which
environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from runbook.authoring.diff.fields import Table, changed, told, told_map
from runbook.authoring.diff.meaning import Meaning, Spot, same
from runbook.authoring.diff.messages import told_channels
from runbook.document.model import Config, Connection, Environment, GitLibrary

_CREDENTIALS: Final = frozenset({"token", "username", "password", "headers", "identity", "read", "user"})
_UNSAFE: Final = frozenset({"verify", "ca_file", "known_hosts", "exec_plugins", "config", "read_only"})
_HELD_BY: Final = frozenset({"ca_file", "known_hosts"})  # without them anybody is believed


def told_config(spot: Spot, before: Config, after: Config) -> Iterator[Meaning]:
    """All of a configuration."""
    table: Table = {
        "library": _library,
        "lint": "lint-changed",
        "store": "record-elsewhere",
        "policy": _policy,
        "connections": told_connections,
        "channels": told_channels,
        "environments": _environments,
    }
    yield from told(spot, before, after, table)


def _library(
    spot: Spot, before: tuple[str | GitLibrary, ...], after: tuple[str | GitLibrary, ...]
) -> Iterator[Meaning]:
    """Folders of the working tree, and folders at a commit: those that are no longer taken from where they were."""
    gone = [one for one in before if isinstance(one, GitLibrary) and one not in after]
    code = "library-elsewhere" if gone else "library-changed"
    words = "runbooks are taken from other places"
    yield spot.tells(code, words, *("; ".join(map(_shelf, side)) for side in (before, after)))


def _shelf(entry: str | GitLibrary) -> str:
    return entry if isinstance(entry, str) else f"{entry.folder} at {entry.ref}"


def _policy(spot: Spot, before: str | None, after: str | None) -> Iterator[Meaning]:
    world = spot.world
    if before is None:
        yield spot.tells("stricter", "a policy holds from now on", None, after)
        return
    if after is not None:
        files = world.before.within(before), world.after.within(after)
        texts = [_text(side.documents, path) for side, path in zip((world.before, world.after), files, strict=True)]
        if texts[0] is not None and texts[0] == texts[1]:
            yield spot.tells("document-renamed", "the policy has another file", before, after)
            return
    words = "no policy holds any more" if after is None else "another policy holds"
    yield spot.tells("policy-replaced", words, before, after or "none")


def _text(documents: Any, path: str) -> str | None:
    return next((one.source.text for one in documents if one.path == path), None)


def told_connections(spot: Spot, before: tuple[Connection, ...], after: tuple[Connection, ...]) -> Iterator[Meaning]:
    """Connections by name."""
    old, new = {one.name: one for one in before}, {one.name: one for one in after}
    for name in dict.fromkeys([*new, *old]):
        here = spot.at(name, called=f"connection '{name}'")
        if name not in new:
            yield here.tells("environment-changed", f"the connection '{name}' is gone")
        elif name not in old:
            yield here.tells("environment-changed", f"the connection '{name}' is new", None, _shown(new[name].settings))
        else:
            yield from _connection(here, old[name], new[name])


def _connection(spot: Spot, before: Connection, after: Connection) -> Iterator[Meaning]:
    name = after.name
    if before.type != after.type:
        yield spot.tells("connection-elsewhere", f"'{name}' is of another type", before.type, after.type)
        return
    old, new = before.settings, after.settings
    here = spot if name == after.type else spot.at(after.type)
    table: Table = {"timeout": "timing-changed", "lease": "locking-changed"}
    rest = {key: (old.get(key), new.get(key)) for key in [*new, *old] if not same(old.get(key), new.get(key))}
    for key, (was, is_) in rest.items():
        if key in _CREDENTIALS:
            yield here.at(key).tells(
                "credentials-changed", changed(f"'{key}' of '{name}'", was, is_), _hidden(was), _hidden(is_)
            )
        elif key in _UNSAFE:
            code = "connection-unsafe" if _is_unsafe(key, was, is_) else "stricter"
            yield here.at(key).differs(code, changed(f"'{key}' of '{name}'", was, is_), was, is_)
        elif key not in table:
            words = f"'{name}' leads elsewhere: " + changed(f"'{key}'", was, is_)
            yield here.at(key).differs("connection-elsewhere", words, was, is_)
    told_here = {key: values for key, values in rest.items() if key in table}
    yield from told_map(
        here, {k: v[0] for k, v in told_here.items()}, {k: v[1] for k, v in told_here.items()}, table, "changed"
    )


def _is_unsafe(key: str, old: Any, new: Any) -> bool:
    if key in ("verify", "read_only"):
        return new is False or (key == "read_only" and new is None)
    if key == "exec_plugins":
        return new is True or (isinstance(new, list) and (not isinstance(old, list) or bool(set(new) - set(old))))
    return new is None if key in _HELD_BY and old is not None and new is None else old is not None or key == "config"


def _environments(spot: Spot, before: tuple[Environment, ...], after: tuple[Environment, ...]) -> Iterator[Meaning]:
    old, new = {one.name: one for one in before}, {one.name: one for one in after}
    was, is_ = ([one.name for one in side if one.default] for side in (before, after))
    if was != is_ and is_:
        words = f"whoever names no environment works in '{is_[0]}'"
        yield spot.at(is_[0], "default").tells("environment-default", words, was or "none", is_)
    elif was != is_:
        yield spot.tells("stricter", "an environment has to be named from now on", was, "none")
    for name in dict.fromkeys([*new, *old]):
        here = spot.at(name, called=f"environment '{name}'")
        if name not in new or name not in old:
            words = f"the environment '{name}' is {'new' if name in new else 'gone'}"
            yield here.tells("environment-changed", words)
            continue
        table: Table = {
            "labels": "environment-changed",
            "connections": told_connections,
            "values": _values,
            "policy": _policy,
        }
        yield from told(here, old[name], new[name], table, skip=("default",))


def _values(spot: Spot, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Meaning]:
    yield from told_map(spot, before, after, {}, "environment-changed")


def _shown(settings: Mapping[str, Any]) -> Any:
    return {key: _hidden(value) if key in _CREDENTIALS else value for key, value in settings.items()}


def _hidden(value: Any) -> Any:
    """Credentials are references; what stands there in clear is not repeated."""
    if isinstance(value, dict):
        return {
            key: _hidden(each) if key not in ("env", "file", "command", "context", "url") else each
            for key, each in value.items()
        }
    return value if value is None or isinstance(value, bool | int | list) else "(not shown)"
