"""What programs do to the world, as far as their arguments tell: change it, or lose what no undo brings back.

A table of programs that on-call people type. What is not in it is not judged: silence here proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from runbook.lint.contents.scripts import LONGEST, Call


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


_SQL: Final = frozenset({"psql", "mysql", "mariadb", "sqlite3", "clickhouse-client", "cockroach", "sqlcmd", "cqlsh"})
_SQL_CHANGES: Final = re.compile(
    r"(?:^|;)\s*(insert|update|delete|drop|truncate|alter|create|grant|revoke|reindex|vacuum|merge|call)\b"
    r"|\b(pg_terminate_backend|pg_cancel_backend|pg_reload_conf|pg_wal_replay_(?:pause|resume)"
    r"|pg_switch_wal|pg_promote)\s*\(",
    re.IGNORECASE,
)
_SQL_LOSES: Final = re.compile(
    r"(?:^|;)\s*(drop\s+(?:table|database|schema|tablespace)|truncate\b"
    r"|alter\s+table\s+\S+\s+drop\b|delete\s+from\s+[\w.\"]+\s*(?:;|$)|update\s+[\w.\"]+\s+set\b(?![^;]*\bwhere\b))",
    re.IGNORECASE,
)
_COMMENTS: Final = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)

_ALWAYS: Final = words(
    "rm rmdir mv kill pkill killall reboot shutdown poweroff halt truncate chmod chown unlink shred wipefs mkfs "
    "makestep fallocate swapoff swapon"
)
_VERBS: Final[Mapping[str, frozenset[str]]] = {
    program: words(verbs)
    for program, verbs in {
        "systemctl": "start stop restart try-restart reload reload-or-restart enable disable mask unmask kill isolate "
        "daemon-reload daemon-reexec reset-failed edit set-property reboot poweroff",
        "helm": "install upgrade rollback uninstall delete",
        "docker": "rm rmi stop start restart kill pause unpause update prune",
        "podman": "rm rmi stop start restart kill pause unpause update prune",
        "crictl": "rm rmi rmp stop stopp",
        "git": "push commit reset clean rebase merge revert cherry-pick",
        "terraform": "apply destroy import taint untaint",
        "tofu": "apply destroy import taint untaint",
        "apt": "install remove purge upgrade full-upgrade autoremove",
        "apt-get": "install remove purge upgrade dist-upgrade autoremove",
        "dnf": "install remove upgrade update",
        "yum": "install remove upgrade update",
        "etcdctl": "put del txn compaction compact defrag",
        "rabbitmqctl": "stop stop_app start_app reset force_reset delete_queue purge_queue close_connection",
        "pg_ctl": "start stop restart reload promote",
        "pg_ctlcluster": "start stop restart reload promote",
        "patronictl": "restart reload failover switchover reinit pause resume",
        "vault": "write delete",
        "consul": "leave join",
        "nodetool": "decommission drain removenode repair cleanup",
    }.items()
}
_KUBECTL: Final = words(
    "apply create delete patch edit scale cordon uncordon drain taint label annotate set replace autoscale expose run"
)
_ROLLOUT: Final = frozenset({"undo", "restart", "pause", "resume"})
_VALUED: Final = words(
    "-n --namespace --context --kube-context --kubeconfig --cluster -s --server --as -l --selector -o -C --git-dir "
    "-H --host -h -M --machine --endpoints"
)
_NESTED: Final = frozenset({"docker", "podman"})  # whose verbs may stand behind a noun: docker container rm
_LASTING: Final = words(
    "ns namespace namespaces pv persistentvolume persistentvolumes pvc persistentvolumeclaim persistentvolumeclaims "
    "crd customresourcedefinition customresourcedefinitions secret secrets sts statefulset statefulsets"
)
_CLOUD: Final = re.compile(
    r"(?:delete|terminate|reboot|stop|start|modify|update|put|create|remove|reset|run|failover)(?:-[a-z-]+)?"
)
_CLOUD_LOSES: Final = re.compile(r"(?:delete|terminate|destroy)(?:-[a-z-]+)?")
_REDIS: Final = words("del unlink flushall flushdb set expire rename shutdown bgrewriteaof failover restore")


def changes(call: Call, stdin: str | None = None) -> str | None:
    """What a call changes, as `kubectl delete`; None where it changes nothing that is known here."""
    program = call.program
    if call.has("--dry-run", "--dry-run=client", "--dry-run=server"):
        return None
    if program in _ALWAYS or program.startswith("mkfs."):
        return program
    if program in ("kubectl", "oc"):
        verb = verbs(call)
        if verb[:1] and (verb[0] in _KUBECTL or (verb[0] == "rollout" and verb[1:2] and verb[1] in _ROLLOUT)):
            return f"kubectl {' '.join(verb[: 2 if verb[0] == 'rollout' else 1])}"
        return None
    if program in _VERBS:
        said = verbs(call)[: 2 if program in _NESTED else 1]
        return next((f"{program} {word}" for word in said if word in _VERBS[program]), None)
    if program in _SQL:
        found = _SQL_CHANGES.search(_sql(call, stdin))
        return f"'{(found[1] or found[2]).upper() if found[1] else found[2]}'" if found else None
    reader = _OTHERS.get(program)
    return f"{program} {verb_}" if reader and (verb_ := reader(call)) else None


def loses(call: Call, stdin: str | None = None) -> str | None:
    """What a call destroys, as `rm -r`; None where nothing is lost that is known here."""
    program, words = call.program, call.words
    if call.has("--dry-run", "--dry-run=client", "--dry-run=server"):
        return None
    if program == "rm" and call.has("-r", "-R", "--recursive"):
        return "rm -r"
    if program in ("shred", "wipefs", "mkfs") or program.startswith("mkfs."):
        return program
    if program == "dd" and any(word.startswith("of=/dev/") and word != "of=/dev/null" for word in words):
        return "dd of=/dev/…"
    if program in ("kubectl", "oc") and verbs(call)[:1] == ("delete",):
        kinds = {kind.lower() for kind in (verbs(call)[1:2] or ("",))[0].split("/")[0].split(",")}
        if call.has("--all", "--all-namespaces", "-A"):
            return "kubectl delete --all"
        return f"kubectl delete {min(kinds & _LASTING)}" if kinds & _LASTING else None
    if program in _SQL:
        found = _SQL_LOSES.search(_sql(call, stdin))
        return f"'{' '.join(found[1].split()[:3]).upper()}'" if found else None
    reader = _LOSSES.get(program)
    return f"{program} {lost}" if reader and (lost := reader(call)) else None


def verbs(call: Call) -> tuple[str, ...]:
    """The words of a command that are no options, nor values of those options that stand before verbs."""
    found: list[str] = []
    skipped = False
    for word in call.argv[1:]:
        if skipped or word.startswith("-"):
            skipped = not skipped and word in _VALUED
            if word == "--":
                break
            continue
        found.append(word)
    return tuple(found)


def _sql(call: Call, stdin: str | None) -> str:
    """What a client is told: after -c or -e, and on its standard input."""
    told = [
        call.argv[i + 1]
        for i, word in enumerate(call.argv[:-1])
        if word in ("-c", "-e", "--command", "--execute", "--query")
    ]
    told += [word.partition("=")[2] for word in call.argv if word.startswith(("--command=", "--execute=", "--query="))]
    return _COMMENTS.sub(" ", ";".join([*told, stdin or ""])[:LONGEST])


def _first(*wanted: str) -> Callable[[Call], str | None]:
    """The words that are one of these, wherever they stand."""
    return lambda call: next((word for word in call.words if word.lower() in wanted), None)


def _cloud(pattern: re.Pattern[str]) -> Callable[[Call], str | None]:
    return lambda call: next((word for word in call.words[:4] if pattern.fullmatch(word)), None)


def _curl(call: Call) -> str | None:
    methods = [call.argv[i + 1] for i, word in enumerate(call.argv[:-1]) if word in ("-X", "--request")]
    methods += [
        word.removeprefix("--request=").removeprefix("-X")
        for word in call.argv
        if word.startswith(("--request=", "-X"))
    ]
    return next((method.upper() for method in methods if method.upper() in ("PUT", "PATCH", "DELETE")), None)


def _find(call: Call) -> str | None:
    return "-delete" if "-delete" in call.argv else None


def _sed(call: Call) -> str | None:
    return "-i" if any(re.match(r"-[nrEsz]*i|--in-place", word) for word in call.argv[1:]) else None


def _journal(call: Call) -> str | None:
    return next((word.partition("=")[0] for word in call.argv if word.startswith(("--vacuum", "--rotate"))), None)


def _git(call: Call) -> str | None:
    if "push" in call.words[:1] and call.has("-f", "--force"):
        return "push --force"
    return "reset --hard" if "reset" in call.words[:1] and call.has("--hard") else None


def _aws(call: Call) -> str | None:
    if call.words[:2] == ["s3", "rm"] and call.has("--recursive"):
        return "s3 rm --recursive"
    return _cloud(_CLOUD_LOSES)(call)


def _redis(call: Call) -> str | None:
    lowered = [word.lower() for word in call.words]
    if "config" in lowered and "set" in lowered:
        return "config set"
    return next((word for word in lowered if word in _REDIS), None)


def _volumes(call: Call) -> str | None:
    if call.words[:1] == ["volume"] and call.words[1:2] in (["rm"], ["prune"]):
        return f"volume {call.words[1]}"
    return "system prune --volumes" if call.words[:2] == ["system", "prune"] and call.has("--volumes") else None


_OTHERS: Final[Mapping[str, Callable[[Call], str | None]]] = {
    "aws": _cloud(_CLOUD),
    "gcloud": _cloud(_CLOUD),
    "az": _cloud(_CLOUD),
    "curl": _curl,
    "find": _find,
    "sed": _sed,
    "journalctl": _journal,
    "redis-cli": _redis,
    "sysctl": lambda call: "-w" if call.has("-w", "--write") else None,
    "dd": lambda call: "of=" if any(word.startswith("of=") for word in call.words) else None,
    "chronyc": _first("makestep", "burst", "online", "offline"),
    "crontab": lambda call: "-r" if call.has("-r") else None,
    "service": lambda call: next((word for word in call.words[1:2] if word in _VERBS["systemctl"]), None),
}
_LOSSES: Final[Mapping[str, Callable[[Call], str | None]]] = {
    "aws": _aws,
    "gcloud": _cloud(_CLOUD_LOSES),
    "az": _cloud(_CLOUD_LOSES),
    "find": _find,
    "git": _git,
    "redis-cli": _first("flushall", "flushdb"),
    "terraform": _first("destroy"),
    "tofu": _first("destroy"),
    "docker": _volumes,
    "podman": _volumes,
    "etcdctl": lambda call: "del --prefix" if "del" in call.words[:1] and call.has("--prefix", "--from-key") else None,
    "rabbitmqctl": _first("purge_queue", "delete_queue", "reset", "force_reset"),
    "zfs": _first("destroy"),
    "zpool": _first("destroy"),
    "lvremove": lambda _: "…",
    "helm": _first("uninstall", "delete"),
}
