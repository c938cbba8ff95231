"""kubectl commands that say the same as a kind of step: the kind, and what it is given.

Strict: a flag or a word that is not known here makes it no such command, and a person does it. What only changes how
an answer is printed (`-o wide`) is left out, since nothing is printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

_PLURALS: Final = {"ingress": "ingresses", "networkpolicy": "networkpolicies", "storageclass": "storageclasses"}
OBJECTS: Final[Mapping[str, str]] = {
    alias: kind
    for kind, aliases in {
        "ConfigMap": "configmap cm",
        "CronJob": "cronjob cj",
        "DaemonSet": "daemonset ds",
        "Deployment": "deployment deploy",
        "EndpointSlice": "endpointslice",
        "Endpoints": "endpoints ep",
        "HorizontalPodAutoscaler": "horizontalpodautoscaler hpa",
        "Ingress": "ingress ing",
        "Job": "job",
        "LimitRange": "limitrange limits",
        "Namespace": "namespace ns",
        "NetworkPolicy": "networkpolicy netpol",
        "Node": "node no",
        "PersistentVolume": "persistentvolume pv",
        "PersistentVolumeClaim": "persistentvolumeclaim pvc",
        "Pod": "pod po",
        "PodDisruptionBudget": "poddisruptionbudget pdb",
        "ReplicaSet": "replicaset rs",
        "ResourceQuota": "resourcequota quota",
        "Service": "service svc",
        "ServiceAccount": "serviceaccount sa",
        "StatefulSet": "statefulset sts",
        "StorageClass": "storageclass sc",
    }.items()
    for word in aliases.split()
    for alias in (
        word,
        _PLURALS.get(word, f"{word}s"),
    )
}
_EVENTS: Final = ("event", "events", "ev")
_WORKLOADS: Final = ("deployment", "statefulset", "daemonset")
_SHORT: Final = {
    "n": "namespace",
    "A": "all-namespaces",
    "l": "selector",
    "o": "output",
    "c": "container",
    "p": "previous",
}
# Flags with a value, flags without; those that only say how it is printed.
_VALUED: Final = re.compile(
    r"namespace|selector|output|container|since|tail|replicas|to-revision|field-selector|sort-by|types|from|for"
)
_BARE: Final = re.compile(
    r"all-namespaces|previous|timestamps|all-containers|show-labels|no-headers|containers|watch=false|ignore-daemonsets|"
    r"delete-emptydir-data|force"
)
_OUTPUTS: Final = frozenset({"wide", "yaml", "json"})
_PRINTED: Final = frozenset(["output", "sort-by", "show-labels", "no-headers", "containers", "watch=false"])


_HOLE: Final = re.compile(r"\$\{?[A-Za-z_]\w*\}?|<[A-Za-z][A-Za-z0-9 _.-]{0,40}>")


class Step(NamedTuple):
    """A kind, and the inputs that it is given."""

    uses: str
    inputs: dict[str, Any]


class _Call(NamedTuple):
    words: tuple[str, ...]
    flags: dict[str, str]

    def only(self, *names: str) -> bool:
        """Whether it has no flags but these, and those of printing."""
        return set(self.flags) <= {*names, "namespace"} | _PRINTED

    def inputs(self, **more: Any) -> dict[str, Any]:
        """The namespace, and what is not None."""
        where = {"namespace": self.flags["namespace"]} if "namespace" in self.flags else {}
        return {**where, **{name: value for name, value in more.items() if value is not None}}


def recognised(argv: Sequence[str]) -> list[Step]:
    """The steps that a kubectl command is; none where it is not understood to its last word."""
    words, inside = list(argv[1:]), None
    if "--" in words:
        words, inside = words[: words.index("--")], words[words.index("--") + 1 :]
    call = _parsed(words)
    if call is None or not call.words:
        return []
    if inside is not None:
        return _exec(_Call(call.words[1:], call.flags), inside) if call.words[0] == "exec" else []
    reader = _VERBS.get(call.words[0])
    return reader(_Call(call.words[1:], call.flags)) if reader else []


def _parsed(words: Sequence[str]) -> _Call | None:
    said: list[str] = []
    flags: dict[str, str] = {}
    left = list(words)
    while left:
        word = left.pop(0)
        if not word.startswith("-"):
            said.append(word)
            continue
        name, equals, value = word.lstrip("-").partition("=")
        if not word.startswith("--"):
            name = _SHORT.get(name[:1], "") if len(name) == 1 else ""
        if _BARE.fullmatch(name) or word == "--watch=false":
            if equals and value not in ("true", "false"):
                return None
            if value != "false" or word == "--watch=false":
                flags["watch=false" if word == "--watch=false" else name] = "true"
        elif _VALUED.fullmatch(name) and (equals or left):
            flags[name] = value if equals else left.pop(0)
            if name == "output" and flags[name] not in _OUTPUTS:  # it says what to look at
                return None
        else:
            return None
    return _Call(tuple(said), flags)


def _object(call: _Call) -> tuple[str, str | None] | None:
    """Kind and name of `pod api-1`, `pod/api-1`, `pods`; None for several, and for kinds that nobody knows."""
    if len(call.words) == 1 and "/" in call.words[0]:
        word, _, name = call.words[0].partition("/")
    elif 1 <= len(call.words) <= 2 and "/" not in "".join(call.words):
        word, name = call.words[0], call.words[1] if len(call.words) == 2 else ""
    else:
        return None
    kind = OBJECTS.get(word.lower().split(".")[0])
    return (kind, name or None) if kind else None


def _get(call: _Call) -> list[Step]:
    if call.words and call.words[0].lower() in _EVENTS and len(call.words) == 1:
        return _events(_Call((), call.flags))
    found = _object(call)
    if found is None:
        return []
    kind, name = found
    if kind == "Pod" and name is None and call.only("selector", "all-namespaces", "field-selector"):
        return _pods(call)
    if kind in ("Endpoints", "EndpointSlice") and name and call.only():
        return [Step("kubernetes.endpoints", call.inputs(service=name))] if kind == "Endpoints" else []
    if not call.only("selector") or (name and "selector" in call.flags):
        return []
    return [Step("kubernetes.get", call.inputs(kind=kind, name=name, selector=call.flags.get("selector")))]


def _pods(call: _Call) -> list[Step]:
    field = call.flags.get("field-selector")
    everywhere = True if "all-namespaces" in call.flags else None
    if (field and not field.startswith("spec.nodeName=")) or (everywhere and "namespace" in call.flags):
        return []
    node = field.partition("=")[2].lstrip("=") if field else None
    selector = call.flags.get("selector")
    return [Step("kubernetes.pods", call.inputs(selector=selector, node=node, all_namespaces=everywhere))]


def _describe(call: _Call) -> list[Step]:
    """The object, and the events that kubectl prints below it."""
    found = _object(call)
    if found is None or found[1] is None or not call.only():
        return []
    kind, name = found
    return [
        Step("kubernetes.get", call.inputs(kind=kind, name=name)),
        Step("kubernetes.events", call.inputs(kind=kind, name=name)),
    ]


def _events(call: _Call) -> list[Step]:
    fields = dict(pair.partition("=")[::2] for pair in call.flags.get("field-selector", "").split(",") if pair)
    known = {"involvedObject.name": "name", "involvedObject.kind": "kind", "type": "type"}
    if not call.only("field-selector", "types", "for") or not set(fields) <= set(known) or call.words:
        return []
    asked = {known[key]: value for key, value in fields.items()}
    if call.flags.get("types"):
        asked["type"] = call.flags["types"]
    if call.flags.get("for"):
        kind, _, name = call.flags["for"].partition("/")
        if kind.lower() not in OBJECTS or not name:
            return []
        asked |= {"kind": OBJECTS[kind.lower()], "name": name}
    return (
        [Step("kubernetes.events", call.inputs(**asked))]
        if asked.get("type", "Normal") in ("Normal", "Warning")
        else []
    )


def _logs(call: _Call) -> list[Step]:
    selector = call.flags.get("selector")
    allowed = ("selector", "container", "since", "tail", "previous", "timestamps", "all-containers")
    if not call.only(*allowed) or len(call.words) > 1 or bool(call.words) is bool(selector):
        return []
    word, slash, name = (call.words[0] if call.words else "").partition("/")
    of = (
        {"selector": selector}
        if selector
        else {"pod": word}
        if not slash
        else {OBJECTS.get(word.lower(), "").lower(): name}
    )
    if set(of) - {"selector", "pod", "deployment"}:
        return []
    tail = call.flags.get("tail")
    if tail is not None and not (tail.isdecimal() and int(tail) > 0):
        tail = None if tail == "-1" else tail
    if tail is not None and not tail.isdecimal():
        return []
    on = {word: True for word in ("previous", "timestamps") if word in call.flags}
    more = {"container": call.flags.get("container"), "since": call.flags.get("since")}
    return [Step("kubernetes.logs", call.inputs(**of, **more, tail=int(tail) if tail else None, **on))]


def _top(call: _Call) -> list[Step]:
    of = {"pod": "pods", "pods": "pods", "po": "pods", "node": "nodes", "nodes": "nodes", "no": "nodes"}
    if not call.words or call.words[0] not in of or len(call.words) > 2 or not call.only("selector"):
        return []
    name = call.words[1] if len(call.words) == 2 else None
    return [Step("kubernetes.top", call.inputs(of=of[call.words[0]], name=name, selector=call.flags.get("selector")))]


def _workload(call: _Call) -> dict[str, str] | None:
    found = _object(call)
    if found is None or found[1] is None or found[0].lower() not in _WORKLOADS:
        return None
    return {found[0].lower(): found[1]}


_ROLLOUTS: Final = {"history": True, "status": True, "undo": True, "restart": True, "pause": False, "resume": False}


def _rollout(call: _Call) -> list[Step]:
    """`rollout undo deployment/api`; only Deployments are paused."""
    verb = call.words[0] if call.words else ""
    of = _workload(_Call(call.words[1:], call.flags))
    if verb not in _ROLLOUTS or of is None or not (_ROLLOUTS[verb] or "deployment" in of):
        return []
    revision = call.flags.get("to-revision")
    if not call.only(*(("to-revision",) if verb == "undo" else ())) or (revision and not revision.isdecimal()):
        return []
    to = int(revision) if revision and int(revision) else None
    return [Step(f"kubernetes.rollout_{verb}", call.inputs(**of, to_revision=to))]


def _scale(call: _Call) -> list[Step]:
    of = _workload(call)
    replicas = call.flags.get("replicas", "")
    if of is None or "daemonset" in of or not call.only("replicas") or not replicas:
        return []
    if not (replicas.isdecimal() or _is_hole(replicas)):
        return []
    return [Step("kubernetes.scale", call.inputs(**of, replicas=int(replicas) if replicas.isdecimal() else replicas))]


def _is_hole(word: str) -> bool:
    """Whether a whole word stands for a value that somebody gives: `$REPLICAS`, `<n>`."""
    return bool(_HOLE.fullmatch(word))


def _set(call: _Call) -> list[Step]:
    what, *words = call.words or ("",)
    pairs = [word.partition("=") for word in words if "=" in word]
    of = _workload(_Call(tuple(word for word in words if "=" not in word), call.flags))
    if of is None or not pairs or not call.only("container"):
        return []
    if what == "env":
        env = {name: value for name, _, value in pairs}
        return [Step("kubernetes.set_env", call.inputs(**of, container=call.flags.get("container"), env=env))]
    if what != "image" or len(pairs) > 1 or "container" in call.flags:
        return []
    container, _, image = pairs[0]
    return [
        Step("kubernetes.set_image", call.inputs(**of, container=None if container == "*" else container, image=image))
    ]


def _auth(call: _Call) -> list[Step]:
    if len(call.words) != 3 or call.words[0] != "can-i" or not call.only("all-namespaces") or "/" in call.words[2]:
        return []
    everywhere = True if "all-namespaces" in call.flags else None
    return [
        Step("kubernetes.can_i", call.inputs(verb=call.words[1], resource=call.words[2], all_namespaces=everywhere))
    ]


def _exec(call: _Call, argv: list[str]) -> list[Step]:
    """A command in a pod, or in one of a workload's."""
    word, slash, name = (call.words[0] if len(call.words) == 1 else "").partition("/")
    kind = OBJECTS.get(word.lower(), "").lower() if slash else "pod"
    if not word or not argv or kind not in ("pod", *_WORKLOADS) or not call.only("container"):
        return []
    of = {kind: name or word}
    return [Step("kubernetes.exec", call.inputs(**of, container=call.flags.get("container"), argv=argv))]


def _cordon(verb: str) -> Callable[[_Call], list[Step]]:
    def read(call: _Call) -> list[Step]:
        alone = len(call.words) == 1 and not call.flags and "/" not in call.words[0]
        return [Step(f"kubernetes.{verb}", {"node": call.words[0]})] if alone else []

    return read


def _drain(call: _Call) -> list[Step]:
    """As the kind does it: pods of DaemonSets stay."""
    flags = {"ignore-daemonsets", "delete-emptydir-data", "force"}
    if len(call.words) != 1 or not set(call.flags) <= flags or "ignore-daemonsets" not in call.flags:
        return []
    on = {name.replace("-", "_"): True for name in ("delete-emptydir-data", "force") if name in call.flags}
    return [Step("kubernetes.drain", {"node": call.words[0], **on})]


def _delete(call: _Call) -> list[Step]:
    """One pod by its name; anything else that is deleted does not come back by itself."""
    found = _object(call)
    if found is None or found[0] != "Pod" or found[1] is None or not set(call.flags) <= {"namespace"}:
        return []
    return [Step("kubernetes.delete_pod", call.inputs(pod=found[1]))]


def _create(call: _Call) -> list[Step]:
    """A Job of a CronJob's template."""
    cronjob = call.flags.get("from", "").partition("/")
    known = len(call.words) == 2 and call.words[0] == "job" and set(call.flags) <= {"namespace", "from"}
    if not known or cronjob[0] not in ("cronjob", "cj") or not cronjob[2]:
        return []
    return [Step("kubernetes.job", call.inputs(from_cronjob=cronjob[2], name=call.words[1]))]


_VERBS: Final[Mapping[str, Callable[[_Call], list[Step]]]] = {
    "get": _get,
    "describe": _describe,
    "events": _events,
    "logs": _logs,
    "top": _top,
    "rollout": _rollout,
    "scale": _scale,
    "set": _set,
    "auth": _auth,
    "cordon": _cordon("cordon"),
    "uncordon": _cordon("uncordon"),
    "drain": _drain,
    "delete": _delete,
    "create": _create,
}
