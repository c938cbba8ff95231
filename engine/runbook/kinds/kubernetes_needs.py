"""What a step on Kubernetes asks of the cluster's authorizers: verbs on resources, said by each kind in its `needs`.

One place for three readers: `runbook doctor` asks the cluster for exactly these, `docs/kubernetes.md` builds its Role
of them, and a test holds both to what is really sent. A `get` of a name also says that this object has to be there.

What every client asks besides, whatever the step (the cluster's version, the uid of the namespace kube-system), is
no step's need.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from runbook.kinds.protocol import Inputs

if TYPE_CHECKING:
    from runbook.clients.kubernetes.paths import Place


class Need(NamedTuple):
    """One verb on one resource. `name` None: on any. `anywhere`: in every namespace.

    `without` says what a step lacks that may not do it, where it can do without; None where it cannot.
    """

    verb: str
    place: Place
    sub: str = ""
    name: str | None = None
    anywhere: bool = False
    without: str | None = None

    @property
    def group(self) -> str:
        """The API group; empty for the core's."""
        return self.place.api_version.rpartition("/")[0]

    @property
    def resource(self) -> str:
        """The resource as `kubectl auth can-i` is told it: `deployments.apps`, `pods/log`."""
        full = f"{self.place.plural}.{self.group}" if self.group else self.place.plural
        return f"{full}/{self.sub}" if self.sub else full

    @property
    def kind(self) -> str:
        """What the object is called: `Deployment`; the resource, for what has no kind known here."""
        from runbook.clients.kubernetes.paths import PLACES

        return next((kind for kind, place in PLACES.items() if place == self.place), self.resource)

    @property
    def reads(self) -> bool:
        """Whether it is a read, which goes with the credentials for reading; a command in a pod is none."""
        return self.verb in ("get", "list") and self.sub != "exec"

    @property
    def is_there(self) -> bool:
        """Whether it names an object that has to be there."""
        return self.verb == "get" and self.name is not None and not self.sub


def to(
    verbs: str,
    kind: str | Place,
    name: Any = None,
    *,
    sub: str = "",
    anywhere: bool = False,
    without: str | None = None,
) -> tuple[Need, ...]:
    """A need for each of some verbs (`get patch`) on a kind of object (`Deployment`); none for one not known here."""
    from runbook.clients.kubernetes.paths import PLACES

    place = PLACES.get(kind) if isinstance(kind, str) else kind
    if place is None:
        return ()
    called = name if isinstance(name, str) and name else None
    return tuple(Need(verb, place, sub, called, anywhere, without) for verb in verbs.split())


def history(kind: str, name: Any) -> tuple[Need, ...]:
    """Reading a workload with its revisions (`kubernetes.read_history`)."""
    needed = to("get", kind, name)
    if kind == "Deployment":
        return needed + to("list", "ReplicaSet")
    pods = to("list", "Pod", without="which revisions are available is not known")
    return needed + to("list", "ControllerRevision") + pods


def named(inputs: Inputs, kinds: Iterable[str]) -> tuple[str, Any]:
    """Kind and name of the object that a step names by its kind (`deployment: api`); a Deployment if it names none."""
    kind = next((kind for kind in kinds if inputs.get(kind.lower())), "Deployment")
    return kind, inputs.get(kind.lower())


def changed(inputs: Inputs, kinds: Iterable[str] = ("Deployment",)) -> tuple[Need, ...]:
    """Changing a workload whose revisions are read before and after."""
    kind, name = named(inputs, kinds)
    return history(kind, name) + to("patch", kind, name)
