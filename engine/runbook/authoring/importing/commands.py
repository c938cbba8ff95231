"""Lines of a shell that say the same as a kind of step, each line by itself; whatever is not plain is a person's.

Only a line that is one program with its arguments is read: no pipe, no redirection, nothing that a shell works out.
The one exception is the line that a page of ours has for a certificate.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from runbook.authoring.importing.draft import Parameters
from runbook.kinds import kubectl
from runbook.kinds.kubectl import Step

__all__ = ["Line", "Step", "lines", "words"]

_OPERATORS: Final = frozenset("|&;<>()`")
_WORKED_OUT = re.compile(r"\$\(|\$\{[^}]*[^A-Za-z0-9_}][^}]*\}|`|<\(|\$\[|\$[0-9@*#?!-]")
_HOLE = re.compile(r"<[A-Za-z][A-Za-z0-9 _.-]{0,40}>|\{\{\s*\$labels\.\w+\s*\}\}")
_STANDS_FOR: Final = "PLACEHOLDERzz"
_NUMBERS: Final = ("replicas", "port")  # inputs that are numbers, so their parameters are
_PARAMETER = re.compile(r"\{\{ params\.(\w+) \}\}")
_CERTIFICATE = re.compile(
    r"openssl s_client -connect (\S+):(\S+?) (?:-servername \S+ )?</dev/null( 2>/dev/null)? \| openssl x509 .*"
)
_URL = re.compile(r"(?:https?://|\$\{?[A-Za-z_])\S+")
# Programs that read, whatever they are given; and those of which these first words do.
_READS: Final = frozenset(
    [
        "df",
        "du",
        "free",
        "uptime",
        "ps",
        "ss",
        "netstat",
        "lsof",
        "dig",
        "nslookup",
        "getent",
        "vmstat",
        "iostat",
        "mpstat",
        "uname",
        "cat",
        "ls",
        "stat",
        "wc",
    ]
)
_READ_VERBS: Final[Mapping[str, frozenset[str]]] = {
    "systemctl": frozenset({"status", "is-active", "is-failed", "is-enabled", "list-units", "show", "cat"}),
    "docker": frozenset({"ps", "logs", "inspect", "stats"}),
    "crictl": frozenset({"ps", "pods", "logs", "inspect", "imagefsinfo", "stats"}),
    "helm": frozenset({"list", "ls", "status", "history"}),
    "git": frozenset({"log", "status", "diff", "show"}),
    "chronyc": frozenset({"tracking", "sources", "sourcestats"}),
}
_FOLLOWS: Final = frozenset({"-f", "--follow", "-w", "--watch", "-c", "--continuous"})  # never end


class Line(NamedTuple):
    """One command line: its text, the comments above it, and the steps that it is; none where it is a person's."""

    text: str
    comment: str
    steps: tuple[Step, ...]


def lines(script: str, parameters: Parameters) -> list[Line]:
    """Every command of a script in order; what belongs together as one (a loop, a here-document) is one line."""
    made: list[Line] = []
    comments: list[str] = []
    for text in _commands(script):
        if text.startswith("#") and "\n" not in text:
            comments.append(text.lstrip("# ").strip())
            continue
        made.append(Line(text, " ".join(filter(None, comments)), tuple(_steps(text, parameters))))
        comments = []
    if comments and made:
        made[-1] = made[-1]._replace(comment=" ".join(filter(None, (made[-1].comment, *comments))))
    return made


def words(text: str) -> list[str] | None:
    """The argv of a line; None where a shell would do more than cut it into words. Placeholders stay whole."""
    holes = iter(_HOLE.findall(text))
    marked = _HOLE.sub(_STANDS_FOR, text)
    if _WORKED_OUT.search(_unquoted(marked)):
        return None
    lexer = shlex.shlex(marked, posix=True, punctuation_chars="|&;<>()")
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        found = list(lexer)
    except ValueError:
        return None
    if not found or any(set(word) <= _OPERATORS for word in found):
        return None
    return [re.sub(_STANDS_FOR, lambda _: next(holes), word) for word in found]


def _unquoted(text: str) -> str:
    return re.sub(r"'[^']*'", "''", text)


def _commands(script: str) -> list[str]:
    """Lines, with those that go on joined; a script that holds more than commands in a row is one."""
    joined = re.sub(r"\\\n[ \t]*", "", script.strip())
    found = [line.strip() for line in joined.split("\n") if line.strip()]
    whole = re.search(r"<<|^\s*(?:for|while|if|case|until|function)\b|\{\s*$", joined, re.MULTILINE)
    opened = any(not _closed(line) for line in found if not line.startswith("#"))
    return [script.strip()] if found and (whole or opened) and len(found) > 1 else found


def _closed(line: str) -> bool:
    """Whether its quotes are closed."""
    try:
        shlex.split(line, comments=True)
    except ValueError:
        return False
    return True


def _steps(text: str, parameters: Parameters) -> list[Step]:
    holes = iter(_HOLE.findall(text))
    served = _CERTIFICATE.fullmatch(_HOLE.sub(_STANDS_FOR, text))
    if served:
        host, port = (re.sub(_STANDS_FOR, lambda _: next(holes), word).strip("\"'") for word in served.groups()[:2])
        found = [Step("tls.certificate", {"host": host} | ({} if port == "443" else {"port": _number(port)}))]
    else:
        argv = words(text)
        argv = argv[1:] if argv and argv[0] == "$" else argv
        found = _PROGRAMS.get(argv[0], _read)(argv) if argv else []
    return [_typed(Step(step.uses, _templates(step.inputs, parameters)), parameters) for step in found]


def _typed(step: Step, parameters: Parameters) -> Step:
    """The step; a parameter that is a number to it is declared as one."""
    for name in _NUMBERS:
        one = _PARAMETER.fullmatch(str(step.inputs.get(name)))
        if one:
            parameters.used[one[1]] |= {"type": "integer"}
    env = step.inputs.get("env", {})
    for name, value in env.items():
        one = _PARAMETER.fullmatch(value)
        if one and parameters.used[one[1]]["type"] != "string":
            env[name] = f"{{{{ params.{one[1]} | string }}}}"
    return step


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def _templates(value: Any, parameters: Parameters) -> Any:
    if isinstance(value, str):
        return parameters.within(value)
    if isinstance(value, dict):
        return {key: _templates(entry, parameters) for key, entry in value.items()}
    return [_templates(entry, parameters) for entry in value] if isinstance(value, list) else value


def _read(argv: Sequence[str]) -> list[Step]:
    """A program that only looks, and ends by itself."""
    verbs = _READ_VERBS.get(argv[0])
    reads = argv[0] in _READS if verbs is None else len(argv) > 1 and argv[1] in verbs
    if not reads or _FOLLOWS & set(argv[1:]):
        return []
    return [Step("command.run", {"argv": list(argv), "effect": "read"})]


def _promtool(argv: Sequence[str]) -> list[Step]:
    if len(argv) == 5 and argv[1:3] == ["query", "instant"]:
        return [Step("prometheus.query", {"query": argv[4]})]
    return []


def _nc(argv: Sequence[str]) -> list[Step]:
    flags, said = [w for w in argv[1:] if w.startswith("-")], [w for w in argv[1:] if not w.startswith("-")]
    if "-w" in flags and said:
        said = said[1:]
    if len(said) == 2 and set(flags) <= {"-v", "-z", "-vz", "-zv", "-w"} and any("z" in flag for flag in flags):
        return [Step("tcp.connect", {"host": said[0], "port": _number(said[1])})]
    return []


def _curl(argv: Sequence[str]) -> list[Step]:
    quiet = {
        "-s",
        "-S",
        "-sS",
        "-i",
        "-si",
        "-I",
        "-f",
        "-fsS",
        "--silent",
        "--show-error",
        "--include",
        "--fail",
        "-v",
    }
    said = [word for word in argv[1:] if word not in quiet]
    if len(said) == 1 and _URL.fullmatch(said[0]):
        return [Step("http.get", {"url": said[0]})]
    return []


def _getent(argv: Sequence[str]) -> list[Step]:
    asked = {"ahosts": {}, "hosts": {}, "ahostsv4": {"type": "A"}, "ahostsv6": {"type": "AAAA"}}
    if len(argv) == 3 and argv[1] in asked:
        return [Step("dns.lookup", {"name": argv[2], **asked[argv[1]]})]
    return _read(argv)


_PROGRAMS: Final[Mapping[str, Callable[[Sequence[str]], list[Step]]]] = {
    "kubectl": kubectl.recognised,
    "k": kubectl.recognised,
    "oc": kubectl.recognised,
    "promtool": _promtool,
    "nc": _nc,
    "curl": _curl,
    "getent": _getent,
}
