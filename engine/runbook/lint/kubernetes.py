"""What older guides for Kubernetes say, and what no longer does anything, or never did what it says.

`rollbackTo`        a field of extensions/v1beta1 and apps/v1beta1, gone since 1.16: apps/v1 has neither the field nor
                    the subresource (kubernetes/api). A patch with it is refused, or changes nothing and says "patched"
`spec.scheduler`    how Chaos Mesh 1 repeated an experiment; since 2.0 that is `kind: Schedule` (chaos-mesh#1821). With
                    it a manifest is refused, or runs once
an unknown version  of a kind: never served, or no more ("Deprecated API Migration Guide"; the table is below)
an unpinned context a connection that follows `kubectl config use-context`

What is in the inputs of a step on Kubernetes, or in the file that it names, is sent, so it is an error; in a command,
a script or words for people it is text in which the same is likely meant, so it is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from runbook.document.findings import Severity
from runbook.document.model import Config, EvidencePlan, Runbook, Steps
from runbook.document.rules.walk import sites_of
from runbook.document.source import Pointer
from runbook.errors import RunbookError
from runbook.lint.library import Entry, Library

if TYPE_CHECKING:
    from runbook.clients.kubernetes.paths import Place
    from runbook.document.findings import Finding
    from runbook.document.spec import KindSpec, Specs

_ROLLBACK: Final = re.compile(r"\brollbackTo\b|deprecated\.deployment\.rollback\.to")
_SCHEDULER: Final = re.compile(r"""(^|[\s{,'"])scheduler["']?\s*:""", re.MULTILINE)
_POINTED: Final = re.compile(r"^/spec/scheduler(/|$)")  # by an operation of a JSON Patch
_CHAOS: Final = "chaos-mesh.org/"
_VERSION: Final = re.compile(r"^([a-z0-9.-]+/)?v[0-9]+((alpha|beta)[0-9]+)?$")

_ROLLBACK_MESSAGE: Final = "'rollbackTo' rolls nothing back: what had such a field is gone since Kubernetes 1.16"
_ROLLBACK_HINT: Final = "use kubernetes.rollout_undo, which sends the template of the revision itself"
_SCHEDULE_MESSAGE: Final = "'spec.scheduler' repeats nothing: Chaos Mesh has had no such field since 2.0"
_SCHEDULE_HINT: Final = (
    "leave it out for one experiment, with a `duration`; to repeat it, write `kind: Schedule` with `schedule`, `type` "
    "and the experiment under its own key, such as `podChaos`"
)

_GONE: Final[dict[str, str]] = {  # the version of Kubernetes that no longer serves it, for all of its kinds
    "extensions/v1beta1": "1.22",
    "apps/v1beta1": "1.16",
    "apps/v1beta2": "1.16",
    "apiextensions.k8s.io/v1beta1": "1.22",
    "authorization.k8s.io/v1beta1": "1.22",
    "autoscaling/v2beta1": "1.25",
    "autoscaling/v2beta2": "1.26",
    "batch/v1beta1": "1.25",
    "batch/v2alpha1": "1.21",
    "discovery.k8s.io/v1beta1": "1.25",
    "events.k8s.io/v1beta1": "1.25",
    "flowcontrol.apiserver.k8s.io/v1beta1": "1.26",
    "flowcontrol.apiserver.k8s.io/v1beta2": "1.29",
    "flowcontrol.apiserver.k8s.io/v1beta3": "1.32",
    "node.k8s.io/v1beta1": "1.25",
    "policy/v1beta1": "1.25",
    "rbac.authorization.k8s.io/v1beta1": "1.22",
    "scheduling.k8s.io/v1beta1": "1.22",
}
_GONE_OF: Final[dict[str, tuple[str, frozenset[str]]]] = {  # later kinds have come to these versions, which stay
    "admissionregistration.k8s.io/v1beta1": (
        "1.22",
        frozenset({"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"}),
    ),
    "authentication.k8s.io/v1beta1": ("1.22", frozenset({"TokenReview"})),
    "certificates.k8s.io/v1beta1": ("1.22", frozenset({"CertificateSigningRequest"})),
    "coordination.k8s.io/v1beta1": ("1.22", frozenset({"Lease"})),
    "networking.k8s.io/v1beta1": ("1.22", frozenset({"Ingress", "IngressClass"})),
}


class _Told(NamedTuple):
    """Something that is wrong, and where in the inputs."""

    place: Pointer
    code: str
    message: str
    hint: str
    key: bool = False
    doubtful: bool = False


def outdated(
    entry: Entry, document: Runbook | Steps | EvidencePlan, library: Library, specs: Specs
) -> Iterator[Finding]:
    """Fields and versions in the inputs of steps that no cluster knows any more, or ever did."""
    for site in sites_of(document):
        inputs = site.step.inputs
        if site.included or site.step.signal or not inputs:  # written, and checked, elsewhere
            continue
        spec = specs.get(site.step.uses)
        sent = spec is not None and spec.connection == "kubernetes"
        place: Pointer = (*site.pointer, "with")
        for one in (*_within(inputs, place), *(_versions(inputs, place, spec) if sent else ())):
            severity = Severity.ERROR if sent and not one.doubtful else Severity.WARNING
            yield entry.source.finding(one.place, one.code, one.message, one.hint, severity=severity, key=one.key)
        for one in _in_file(entry, inputs, library) if sent else ():
            message = f"{inputs['file']}: {one.message}"
            yield entry.source.finding((*place, "file"), one.code, message, one.hint)


def _in_file(entry: Entry, inputs: Mapping[str, Any], library: Library) -> Iterator[_Told]:
    """What is wrong with a manifest in a file of the project; whether it can be read is the plan's to say."""
    name, project = inputs.get("file"), library.config(entry.path)
    if not isinstance(name, str) or "{{" in name or project is None:
        return
    from runbook.kinds import manifests

    try:
        manifest = manifests.read(project[0], name)
    except RunbookError:
        return
    yield from _within(manifest, ("file",))
    yield from _manifests(manifest, ("file",))


def unpinned(entry: Entry, config: Config) -> Iterator[Finding]:
    """A connection to Kubernetes that names no context: which cluster it means is for the next terminal to decide."""
    sections: list[Pointer] = [("connections",)]
    sections += [("environments", one.name, "connections") for one in config.environments]
    for section in sections:
        data: Any = entry.source.data
        for part in section:
            data = data.get(part) or {}
        for name, given in data.items():
            settings = given if name == "kubernetes" else given.get("kubernetes")
            if isinstance(settings, Mapping) and not settings.get("context") and not settings.get("in_cluster"):
                message = f"the connection '{name}' names no context, so it follows `kubectl config use-context`"
                hint = "add `context: NAME`; where the engine itself runs in the cluster, `in_cluster: true`"
                yield entry.warning((*section, name), "RB075", message, hint)


def _within(data: Any, place: Pointer, around: Any = None) -> Iterator[_Told]:
    """What is wrong with the keys and texts of a value; `around` is the mapping that holds it."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if _ROLLBACK.search(str(key)):
                yield _Told((*place, key), "RB073", _ROLLBACK_MESSAGE, _ROLLBACK_HINT, key=True)
            elif key == "scheduler" and place[-1] == "spec" and _of_chaos(around):
                yield _Told((*place, key), "RB074", _SCHEDULE_MESSAGE, _SCHEDULE_HINT, key=True)
            else:
                yield from _within(value, (*place, key), data)
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from _within(value, (*place, i), around)
    elif isinstance(data, str):
        if _ROLLBACK.search(data):
            yield _Told(place, "RB073", _ROLLBACK_MESSAGE, _ROLLBACK_HINT)
        if (place[-1] == "path" and _POINTED.match(data)) or (_CHAOS in data and _SCHEDULER.search(data)):
            yield _Told(place, "RB074", _SCHEDULE_MESSAGE, _SCHEDULE_HINT)


def _of_chaos(manifest: Any) -> bool:
    """Whether a `spec` may be that of an experiment: of another group's kind, `scheduler` is what it says there."""
    version = manifest.get("apiVersion") if isinstance(manifest, Mapping) else None
    return version is None or str(version).startswith(_CHAOS)


def _versions(inputs: Mapping[str, Any], place: Pointer, spec: KindSpec | None) -> Iterator[_Told]:
    kind, version = inputs.get("kind"), inputs.get("api_version")
    takes_one = spec is not None and "api_version" in spec.inputs.get("properties", {})
    if isinstance(version, str):
        yield from _version((*place, "api_version"), kind, version)
    elif isinstance(kind, str) and "{{" not in kind and _place(kind) is None and takes_one:
        hint = "add `api_version`, such as argoproj.io/v1alpha1: `kubectl api-resources` shows it"
        yield _Told((*place, "kind"), "RB076", f"which API has the kind '{kind}' is not known here", hint)
    yield from _manifests(inputs, place)


def _manifests(data: Any, place: Pointer) -> Iterator[_Told]:
    """The version of every object that is written out."""
    if isinstance(data, Mapping):
        version = data.get("apiVersion")
        if isinstance(version, str):
            yield from _version((*place, "apiVersion"), data.get("kind"), version)
        for key, value in data.items():
            yield from _manifests(value, (*place, key))
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from _manifests(value, (*place, i))


def _version(place: Pointer, kind: Any, version: str) -> Iterator[_Told]:
    if "{{" in version:
        return
    known = _place(kind) if isinstance(kind, str) else None
    hint = f"write {known.api_version}" if known is not None else "`kubectl api-resources` shows what a cluster has"
    gone = _gone(kind, version)
    if gone is not None:
        yield _Told(place, "RB076", f"{version} is not served since Kubernetes {gone}", hint)
    elif not _VERSION.match(version):
        hint = "a group and a version, such as apps/v1, or v1 alone"
        yield _Told(place, "RB076", f"'{version}' is no version of an API", hint)
    elif known is not None and _group(version) == _group(known.api_version) and version != known.api_version:
        message = f"whether {kind} is served in {version} is not known here"
        yield _Told(place, "RB076", message, f"it is in {known.api_version}", doubtful=True)


def _gone(kind: Any, version: str) -> str | None:
    """The version of Kubernetes that no longer serves this kind in this version of its API."""
    since, kinds = _GONE_OF.get(version, (None, frozenset[str]()))
    return since if kind in kinds else _GONE.get(version)


def _group(version: str) -> str:
    return version.rpartition("/")[0]


def _place(kind: str) -> Place | None:
    from runbook.clients.kubernetes.paths import PLACES  # with the client, which most of what is checked does not need

    return PLACES.get(kind)
