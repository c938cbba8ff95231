"""Whether a run's record explains the requests that an API server has seen: each change, each dry run, each read.

A change is explained by an intent and the plan that it carries out, to the byte. A dry run, by a plan. A read, by a
step whose kind says that it needs it (`needs`), asked while that step was being performed. Nothing else may be asked,
but for who the cluster is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import yaml

from runbook import kinds
from support.kube_verbs import asked

Json = Mapping[str, Any]

WHO_IT_IS = {"/version", "/api/v1/namespaces/kube-system"}
MARKS = ("runbook-engine~1intent", "runbook-engine~1run", "runbook-engine~1rolled-out-by")


class Read(NamedTuple):
    """A verb on a resource that a step may use, from when to when, in Unix seconds."""

    verb: str
    resource: str
    since: float
    until: float


def unexplained(records: Sequence[Json], requests: Iterable[Json], *, timed: bool = True) -> list[Json]:
    """The requests that are not. `timed` is False where the two have been written by different clocks."""
    changes, dry_runs, reads = changes_of(records), dry_runs_of(records), reads_of(records)
    left = []
    for request in requests:
        sent = (request["path"], request["body"])
        if request["method"] == "GET":
            at = request["at"] if timed else None
            explained = request["path"] in WHO_IT_IS or _is_one_of(reads, request, at)
        else:
            expected = dry_runs if "dryRun" in request["query"] else changes
            explained = sent in expected
            if explained:
                expected.remove(sent)
        if not explained:
            left.append(request)
    return [*left, *({"never sent": one} for one in changes)]


def changes_of(records: Sequence[Json]) -> list[tuple[str, Any]]:
    """What each intent was to send: path and body."""
    run = records[0]["stream"].removeprefix("run/")
    planned: dict[str, Json] = {}
    found = []
    for record in records:
        data = record["data"]
        if record["type"] == "change.planned" and "change" in data:
            planned[data["digest"]] = data["change"]
        if record["type"] == "change.intended":
            change = planned[data["digest"]]
            operations = change["request"]["operations"]
            tests = [{"op": "test", "path": path, "value": value} for path, value in change["precondition"].items()]
            rolls_out = any(one["path"].startswith("/spec/template") for one in operations)
            marks = zip(MARKS, (data["intent"], run, data["intent"])[: 3 if rolls_out else 2], strict=False)
            marking = [{"op": "add", "path": f"/metadata/annotations/{name}", "value": value} for name, value in marks]
            found.append((change["request"]["path"], [*tests, *operations, *marking]))
    return found


def dry_runs_of(records: Sequence[Json]) -> list[tuple[str, Any]]:
    """What each plan let the server try."""
    found = []
    for record in records:
        change = record["data"].get("change") if record["type"] == "change.planned" else None
        if change is not None:
            test = {"op": "test", "path": "/metadata/uid", "value": change["target"]["uid"]}
            found.append((change["request"]["path"], [test, *change["request"]["operations"]]))
    return found


def reads_of(records: Sequence[Json]) -> list[Read]:
    """What the steps that the record tells of may have read."""
    started, begun = records[0]["data"], _seconds(records[0]["at"])
    inputs = steps_of(started)
    found = []
    for record in records:
        data = record["data"]
        if record["type"] not in ("step.observed", "change.planned", "evidence.preserved"):
            continue
        if not data.get("kind", "").startswith("kubernetes."):
            continue
        given = (data.get("change") or {}).get("inputs") or inputs[data["id"]]
        since, until = data.get("started") or begun, _seconds(record["at"])
        found += [Read(need.verb, need.resource, since, until) for need in kinds.get(data["kind"]).needs(given)]
    return found


def steps_of(started: Json) -> dict[str, Json]:
    """The inputs of the steps of a run's documents, by id, its parameters filled in."""
    found: dict[str, Json] = {}
    for document in (started["documents"]["runbook"], started["documents"].get("evidence")):
        text = document["text"] if document else ""
        for name, value in started["parameters"].items():
            text = text.replace("{{ params.%s }}" % name, str(value))  # noqa: UP031 - braces
        _collect(yaml.safe_load(text), found)
    return found


def _collect(node: Any, found: dict[str, Json]) -> None:
    if isinstance(node, dict):
        if "id" in node and "with" in node:
            found[node["id"]] = node["with"]
        for value in node.values():
            _collect(value, found)
    elif isinstance(node, list):
        for value in node:
            _collect(value, found)


def _is_one_of(reads: Iterable[Read], request: Json, at: float | None) -> bool:
    verb, resource = asked(request["method"], request["path"]) or (None, None)
    return any(
        (one.verb, one.resource) == (verb, resource) and (at is None or one.since - 0.01 <= at <= one.until)
        for one in reads
    )


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()
