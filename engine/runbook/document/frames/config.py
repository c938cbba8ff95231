"""The frame of a project's configuration: library, store, connections, channels, environments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from runbook.document.frames.channels import channels, definitions
from runbook.document.frames.common import (
    Schema,
    anything,
    closed,
    document,
    duration,
    flag,
    items,
    one_of,
    reference,
    secret_or,
    table,
    text,
    whole,
)
from runbook.document.frames.patterns import CONNECTION, HELD, ID, NAME, PUBLIC_KEY, RULE, TABLE, WEB
from runbook.document.frames.regime import obligations
from runbook.document.spec import ImportedWhenUsed
from runbook.document.words import Declaring

if TYPE_CHECKING:
    from runbook.document.spec import Specs

CONNECTION_TYPES: Final = ("prometheus", "kubernetes", "alertmanager", "http", "sql", "ssh")
# Types that came after the first documents, in which a connection of any type may bear such a name.
LATER_TYPES: Final = frozenset({"ssh"})
_PUBLIC: Final = "runbook+bddf9d69+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"


def connection_types(specs: Specs) -> frozenset[str]:
    """The types that a connection may have: ours, and those of kinds that others provide."""
    asked = specs.brought if isinstance(specs, ImportedWhenUsed) else specs
    return frozenset(CONNECTION_TYPES) | {specs[name].connection or "" for name in asked} - {""}


def frame(specs: Specs) -> Schema:
    """JSON Schema of a configuration; the settings of connection types that others provide are free."""
    types = {name: {"$ref": f"#/$defs/{name}"} for name in CONNECTION_TYPES}
    for name in sorted(connection_types(specs) - set(types)):
        types[name] = table(f"Settings of a {name} connection.", anything("A setting.", "…"), {})
    return document(
        "Config",
        "Configuration of a project: library, store, connections, channels.",
        {
            "library": items(
                "Where runbooks are looked up by name; the first that has a name gives it.",
                _library(),
                ["runbooks"],
                [{"git": ".", "ref": "origin/main", "path": "runbooks"}],
                minItems=1,
            ),
            "store": text(
                "Where the journal is kept. Default: the user's state directory.",
                "sqlite:///.runbook/journal.db",
                "postgresql://journal.example.com/runbook",
            ),
            "policy": text("File of the policy.", "policy.yaml"),
            "catalog": text("File of the catalog of incidents. Default: the one that is shipped.", "catalog.yaml"),
            "connections": _connections(types),
            "channels": channels(),
            "environments": _environments(types),
            "lint": _lint(),
            "seals": _seals(),
            "obligations": obligations(),
            "incidents": _incidents(),
            "retention": _retention(),
        },
        required=(),
        defs={
            "reference": reference(),
            "headers": _headers(),
            "prometheus": _over_http("Prometheus, or what speaks its query language."),
            "alertmanager": _over_http("Alertmanager."),
            "http": _over_http("A web service.", url_required=False),
            "kubernetes": _kubernetes(),
            "sql": _sql(),
            "ssh": _ssh(),
            **definitions(),
        },
    )


def _library() -> Schema:
    """A folder, or one at a commit."""
    return {
        "description": "A folder, or a folder as it is at a commit of a repository.",
        "type": ["string", "object"],
        "minLength": 1,
        "properties": {
            "git": text("A folder in a git repository; what runs use is read from there, not from its files.", "."),
            "ref": text("A branch or a tag that has been reviewed, as git knows it here.", "origin/main", "v1.4.0"),
            "path": text("The folder of runbooks, below the one above. Default: that one itself.", "runbooks"),
        },
        "required": ["git", "ref"],
        "additionalProperties": False,
        "examples": ["runbooks", {"git": ".", "ref": "origin/main", "path": "runbooks"}],
    }


def _connections(types: Schema) -> Schema:
    named = closed(
        "A further connection, under its type.",
        types,
        minProperties=1,
        maxProperties=1,
        examples=[{"kubernetes": {"context": "staging"}}],
    )
    later = {
        "if": {"minProperties": 1, "propertyNames": {"enum": sorted(types)}},
        "then": named,
    }
    said = {"description": "Machines that are reached through ssh.", "examples": [{"user": "runbook"}]}
    types = {name: {**said, **later, "else": type_} if name in LATER_TYPES else type_ for name, type_ in types.items()}
    return {
        "description": "How servers are reached. Under the name of a type: the default of that type.",
        "type": "object",
        "properties": types,
        "additionalProperties": named,
        "propertyNames": {"pattern": CONNECTION},
        "examples": [
            {"prometheus": {"url": "https://prometheus.example.com"}, "staging": {"kubernetes": {"context": "staging"}}}
        ],
    }


def _environments(types: Schema) -> Schema:
    environment = closed(
        "One place that runbooks work in. What it does not say is as everywhere.",
        {
            "default": flag("It is taken when nobody names one, and no alert does."),
            "labels": table(
                "An alert that has all of these labels is about this environment.",
                text("Value of the label.", "prod-eu-1"),
                {"cluster": "prod-eu-1"},
            ),
            "connections": {
                **_connections(types),
                "description": "How servers are reached here; each stands in for the one of the same name.",
            },
            "values": table(
                "What differs here. Expressions see it as `env.NAME`; it is never secret.",
                anything("A value.", "eu-west-1"),
                {"region": "eu-west-1"},
                keys=ID,
            ),
            "policy": text("File of the policy that holds here instead.", "policy-production.yaml"),
        },
        examples=[{"default": True, "values": {"region": "eu-west-1"}}],
    )
    return table(
        "Places that the same runbooks work in; `--env NAME` chooses one.",
        environment,
        {"prod-eu": {"labels": {"cluster": "prod-eu-1"}, "connections": {"kubernetes": {"context": "prod-eu-1"}}}},
        keys=NAME,
        minProperties=1,
    )


def _lint() -> Schema:
    rules = table(
        "Rules by code or by name, each with what it says here: nothing, a warning or an error.",
        one_of("How severe what it finds is; `off`: it is not asked.", "off", "warning", "error"),
        {"RB101": "error"},
        keys=RULE,
    )
    limits = closed(
        "What rules measure with.",
        {
            "review": duration("How old a review may be.", "90d"),
            "longest_way": duration("How long it may take, at the worst, until a person is called.", "1h"),
        },
        examples=[{"review": "180d"}],
    )
    return closed(
        "Which rules `runbook lint` holds documents to, and their limits.",
        {"rules": rules, "limits": limits},
        examples=[{"rules": {"no-owner": "error"}, "limits": {"review": "180d"}}],
    )


def _seals() -> Schema:
    place = closed(
        "One place.",
        {
            "file": text("A folder, with a file for each seal.", "seals"),
            "git": one_of("As tags `seals/…` of the project's repository; push them where the runner cannot.", "tag"),
            "webhook": {"$ref": "#/$defs/webhook"},
            "channel": text("A channel of this configuration.", "incidents"),
        },
        minProperties=1,
        maxProperties=1,
        examples=[{"file": "seals"}],
    )
    by = closed(
        "A public key, and when it was in use.",
        {
            "key": text("Its line, as `runbook seal show` prints it.", _PUBLIC, pattern=PUBLIC_KEY),
            "from": text("First day (UTC) of records whose seals count.", "2026-01-01", format="date"),
            "until": text("The day after the last.", "2027-01-01", format="date"),
        },
        required=("key",),
        examples=[{"key": _PUBLIC, "from": "2026-01-01"}],
    )
    return closed(
        "Signed seals of what is recorded: they show that its end was cut off, or that all of it was rewritten.",
        {
            "key": {"$ref": "#/$defs/reference", "examples": [{"file": "/etc/runbook/seal.key"}]},
            "every": duration("Longest time between two seals of a run, besides those at its gates.", "10m"),
            "publish": items("Where seals go, besides the store.", place, [{"file": "seals"}, {"git": "tag"}]),
            "keys": items("Whose seals count. Default: those of the key above.", by, [{"key": _PUBLIC}]),
        },
        examples=[{"key": {"file": "/etc/runbook/seal.key"}, "publish": [{"file": "seals"}]}],
    )


def _incidents() -> Schema:
    return closed(
        "When a run that belongs to no incident begins one.",
        {
            "declare": one_of(
                "What becomes of a run of a runbook whose severity the catalog calls major: `ask` asks once on a"
                " terminal, and prints the commands elsewhere; `always` joins the service's open incident, or declares"
                " one. Default: `never`.",
                *Declaring,
                example="ask",
            ),
        },
        examples=[{"declare": "ask"}],
    )


def _retention() -> Schema:
    return closed(
        "How long payloads are kept, which hold what is too large for a record: `runbook store prune` goes by it.",
        {
            "payloads": duration("How long after its end a run keeps its payloads.", "90d"),
            "dry_runs": duration("The same of a dry run. Default: as long as others.", "7d"),
            "hold": items(
                "What keeps everything, whatever else is said: runs by their whole ids, incidents with all their runs.",
                text("Id of a run or of an incident.", "01kaqs3zq4v5w6x7y8z9a0b1c2", "INC-7", pattern=HELD),
                ["01kaqs3zq4v5w6x7y8z9a0b1c2", "INC-7"],
                uniqueItems=True,
            ),
        },
        examples=[{"payloads": "90d", "dry_runs": "7d"}],
    )


def _headers() -> Schema:
    return table(
        "Headers of every request.",
        secret_or(text("Value of the header.", "application/json")),
        {"Authorization": {"env": "PROMETHEUS_AUTHORIZATION"}},
    )


def _credentials() -> Schema:
    return {
        "headers": {"$ref": "#/$defs/headers"},
        "username": secret_or(text("User name of basic authentication.", "runbook")),
        "password": {"$ref": "#/$defs/reference"},
        "token": {"$ref": "#/$defs/reference"},
    }


def _over_http(description: str, *, url_required: bool = True) -> Schema:
    properties = {
        "url": text("Where it is.", "https://prometheus.example.com", pattern=WEB),
        **_credentials(),
        "timeout": duration("Longest time of one request.", "5s"),
        "ca_file": text("Certificates that are trusted, a PEM file.", "/etc/ssl/internal.pem"),
        "verify": flag("Whether the server's certificate is checked.", True),
        "read": closed(
            "Credentials for reading only: probes, plans and `doctor` use them.",
            _credentials(),
            examples=[{"token": {"env": "READ_TOKEN"}}],
        ),
    }
    return closed(
        description,
        properties,
        required=("url",) if url_required else (),
        examples=[{"url": "https://prometheus.example.com", "timeout": "5s"}],
    )


def _kubernetes() -> Schema:
    settings = {
        "context": text("Context of the kubeconfig.", "production"),
        "kubeconfig": text("File of the kubeconfig. Default: as kubectl finds it.", "~/.kube/config"),
    }
    return closed(
        "A Kubernetes cluster.",
        {
            **settings,
            "in_cluster": flag("The engine runs in the cluster, as its pod's service account."),
            "namespace": text("Namespace where a step names none.", "production"),
            "timeout": duration("Longest time of one request.", "10s"),
            "exec_plugins": {
                "description": "Programs that the kubeconfig may run to log in; true: any. Without it, none.",
                "type": ["boolean", "array"],
                "items": text("A program, as the kubeconfig names it or where it is.", "aws"),
                "minItems": 1,
                "uniqueItems": True,
                "examples": [["aws"], ["/usr/bin/gke-gcloud-auth-plugin"], True],
            },
            "lease": closed(
                "Say on the cluster which target a run works on, in an advisory Lease. Without it, nothing is written.",
                {"namespace": text("Namespace of the Lease objects, the same for everybody.", "runbook-leases")},
                required=("namespace",),
                examples=[{"namespace": "runbook-leases"}],
            ),
            "read": closed(
                "Credentials for reading only: probes, plans and `doctor` use them.",
                settings,
                examples=[{"context": "production-viewer"}],
            ),
        },
        examples=[{"context": "production"}],
    )


def _sql() -> Schema:
    url = secret_or(text("The database; with a password only by reference.", "postgresql://db.example.com/shop"))
    return closed(
        "A database.",
        {
            "url": url,
            "timeout": duration("Longest time of one statement.", "10s"),
            "read_only": flag("This connection cannot write."),
            "ledger": text(
                "The table in which changes are noted with what they change. Default: `runbook_ledger`.",
                "ops.runbook_ledger",
                pattern=TABLE,
            ),
            "read": closed(
                "Credentials for reading only.",
                {"url": url},
                required=("url",),
                examples=[{"url": {"env": "READ_DATABASE_URL"}}],
            ),
        },
        required=("url",),
        examples=[{"url": {"env": "DATABASE_URL"}}],
    )


def _ssh() -> Schema:
    return closed(
        "Machines that are reached through ssh. Only hosts whose keys are pinned are believed.",
        {
            "host": text("The host, where a step names none.", "db-1.example.com"),
            "user": text("Who we are there. Default: our name here.", "runbook"),
            "port": whole("Port of the ssh server. Default: 22.", 2222, minimum=1, maximum=65535),
            "known_hosts": text("File of the pinned host keys. Default: as ssh finds it.", "ssh/known_hosts"),
            "identity": closed(
                "The private key, by reference.",
                {"file": text("Its file, relative to that of the configuration.", "/run/secrets/ssh-key")},
                required=("file",),
                examples=[{"file": "/run/secrets/ssh-key"}],
            ),
            "jump": text("The machine that it is reached through: [user@]host[:port].", "bastion.example.com"),
            "config": text("A configuration file of ssh; without it none is read, not even the user's.", "ssh/config"),
            "timeout": duration("Longest time until there is a connection.", "10s"),
        },
        examples=[{"user": "runbook", "known_hosts": "ssh/known_hosts", "identity": {"file": "/run/secrets/ssh-key"}}],
    )
