"""Commands taken apart: what is run inside of `sudo`, `timeout`, `kubectl exec … --`, `sh -c` and a script.

    calls(("sudo", "timeout", "5", "tail", "-f", "x"))   one call: tail -f x, bounded, from word 3 on

Read as text, never run: variables and templates stand as they are written. What cannot be read has no calls.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

LONGEST: Final = 16 * 1024  # characters of a script; what is longer is a program, and not read here
SHELLS: Final = frozenset({"sh", "bash", "dash", "zsh", "ksh", "ash", "fish"})
_OPTION_C: Final = re.compile(r"-[a-zA-Z]*c[a-zA-Z]*")
_JOINED: Final = re.compile(r"-[A-Za-z0-9]{2,5}")  # several options of one letter, or one with its number
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_HERE: Final = re.compile(r"(<<-?\s*['\"]?([A-Za-z_]\w*)['\"]?[^\n]*)\n.*?^[ \t]*\2[ \t]*$", re.DOTALL | re.MULTILINE)
_ASIDE: Final = re.compile(r"('[^']*'|\"(?:\\.|[^\"\\])*\")|(?<!\S)#[^\n]*|\\\n|(?<=\s)[0-9](?=[<>])", re.DOTALL)
_KEYWORDS: Final = frozenset(
    {"if", "then", "else", "elif", "do", "while", "until", "!", "{", "}", "fi", "done", "time"}
)
_OPERATORS: Final = frozenset(";|&()<>\n")
_INSIDE: Final = frozenset({"while", "until", "for"})

# Programs that run the command that follows, and those of their options that take a value of their own.
_WRAPPERS: Final[Mapping[str, frozenset[str]]] = {
    "sudo": frozenset({"-u", "-g", "-h", "-p", "-C", "-r", "-t", "-D", "-R", "-T", "--user", "--group", "--host"}),
    "doas": frozenset({"-u", "-C"}),
    "env": frozenset({"-u", "-C", "-S", "--unset", "--chdir"}),
    "nice": frozenset({"-n", "--adjustment"}),
    "ionice": frozenset({"-c", "-n", "-p"}),
    "nohup": frozenset(),
    "setsid": frozenset(),
    "time": frozenset({"-f", "-o"}),
    "stdbuf": frozenset({"-i", "-o", "-e"}),
    "command": frozenset(),
    "exec": frozenset(),
    "timeout": frozenset({"-s", "-k", "--signal", "--kill-after"}),
    "xargs": frozenset({"-n", "-P", "-I", "-L", "-d", "-s", "-a", "-E"}),
    "chroot": frozenset(),
    "flock": frozenset({"-w", "-E", "--timeout", "--wait"}),
}
_OPERANDS: Final = {"timeout": 1, "chroot": 1, "flock": 1}  # words of their own before the command
_CONTAINERS: Final = frozenset({"docker", "podman", "nerdctl", "crictl"})
_IN_CONTAINER: Final = frozenset({"-u", "--user", "-w", "--workdir", "-e", "--env", "--env-file", "--detach-keys"})


class Call(NamedTuple):
    """One program with its arguments. `offset`: from which word of the step's own argv on; None within code.

    `bounded`: something ends it in time. `feeds`: another program reads what it says. `behind`: nobody waits for it.
    `looped`: it stands in a loop of a script.
    """

    argv: tuple[str, ...]
    offset: int | None = None
    bounded: bool = False
    feeds: bool = False
    behind: bool = False
    looped: bool = False

    @property
    def program(self) -> str:
        """Its name without folders."""
        return self.argv[0].rsplit("/", 1)[-1]

    @property
    def words(self) -> list[str]:
        """Its arguments that are no options."""
        return [word for word in self.argv[1:] if not word.startswith("-")]

    def has(self, *options: str) -> bool:
        """Whether one of these options stands there: `-f` also within `-nf`, `--follow` also with `=true`."""
        return any(_is_option(word, option) for word in self.argv[1:] for option in options)


@lru_cache(maxsize=4096)
def calls(argv: tuple[str, ...]) -> tuple[Call, ...]:
    """Every program that an argument list runs, the outer ones first; wrappers that only pass it on are left out."""
    return tuple(_layers(Call(argv, 0)))


@lru_cache(maxsize=1024)
def calls_of(script: str) -> tuple[Call, ...]:
    """Every program that a script of a shell runs, as far as it can be read."""
    if len(script) > LONGEST:
        return ()
    return tuple(layer for call in _commands(script) for layer in _layers(call))


def code(call: Call) -> tuple[int, str] | None:
    """Which word of a call a shell reads as code, by its index in the call; None where there is none."""
    if call.program in SHELLS:
        for i, word in enumerate(call.argv[1:-1], start=1):
            if _OPTION_C.fullmatch(word):
                return i + 1, call.argv[i + 1]
            if not word.startswith(("-", "+")) and call.argv[i - 1] not in ("-o", "+o", "-euo", "-eo", "-uo", "-euxo"):
                return None
    if call.program == "su":
        for i, word in enumerate(call.argv[1:-1], start=1):
            if word in ("-c", "--command"):
                return i + 1, call.argv[i + 1]
    return None


def _layers(call: Call) -> Iterator[Call]:
    """The call without what only passes it on, and what it runs itself."""
    inner: Call | None = call
    while inner is not None and inner.argv and inner.argv[0]:
        passed = _passed_on(inner)
        if passed is None:
            yield inner
            found = code(inner)
            if found:
                yield from (one._replace(bounded=one.bounded or inner.bounded) for one in calls_of(found[1]))
            inner = _within(inner)
        else:
            inner = passed


def _passed_on(call: Call) -> Call | None:
    """The command that a wrapper runs; None where it is none."""
    if _ASSIGNMENT.match(call.argv[0]):
        return _from(call, 1)
    valued = _WRAPPERS.get(call.program)
    if valued is None:
        return None
    i = _after_options(call.argv, 1, valued)
    if call.program == "env":
        while i < len(call.argv) and _ASSIGNMENT.match(call.argv[i]):
            i += 1
    i += _OPERANDS.get(call.program, 0)
    bounded = call.bounded or call.program == "timeout"
    return _from(call, i)._replace(bounded=bounded) if i < len(call.argv) else None


def _within(call: Call) -> Call | None:
    """What is run inside of a container by `kubectl exec pod -- …`, `docker exec name …`, `nsenter -- …`."""
    words = call.argv
    inside = call.program == "nsenter" or (call.program in ("kubectl", "oc") and ("exec" in words or "debug" in words))
    if inside and "--" in words[1:-1]:
        return _from(call, words.index("--", 1) + 1)
    if call.program in _CONTAINERS and len(words) > 3 and words[1] == "exec":
        i = _after_options(words, 2, _IN_CONTAINER) + 1
        return _from(call, i) if i < len(words) else None
    return None


def _from(call: Call, start: int) -> Call:
    offset = None if call.offset is None else call.offset + start
    return call._replace(argv=call.argv[start:], offset=offset)


def _after_options(argv: Sequence[str], start: int, valued: frozenset[str]) -> int:
    i = start
    while i < len(argv) and argv[i].startswith("-"):
        i += 2 if argv[i] in valued else 1
        if argv[i - 1] == "--":
            break
    return i


def _is_option(word: str, option: str) -> bool:
    if option.startswith("--"):
        return word == option or (word.startswith(f"{option}=") and not word.endswith(("=false", "=0")))
    return word == option or (_JOINED.fullmatch(word) is not None and option[1:] in word)


def _commands(script: str) -> list[Call]:
    bare = _ASIDE.sub(lambda found: found[1] or " ", _HERE.sub(r"\1", script))
    lexer = shlex.shlex(bare, posix=True, punctuation_chars=";|&()<>\n")
    lexer.whitespace = " \t\r"
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        tokens = list(lexer)
    except ValueError:
        return []
    found: list[Call] = []
    words: list[str] = []
    depth, redirected = 0, False
    for token in [*tokens, "\n"]:
        if token and set(token) <= _OPERATORS:
            redirected = token[0] in "<>" or token.endswith((">", "<"))
            if redirected:
                continue
            depth += _opened(words)
            _add(found, words, token, looped=depth > 0)
            words = []
        elif redirected:
            redirected = False
        else:
            words.append(token)
    return found


def _opened(words: Sequence[str]) -> int:
    if not words:
        return 0
    return 1 if words[0] in _INSIDE else -1 if words[0] == "done" else 0


def _add(found: list[Call], words: list[str], operator: str, *, looped: bool) -> None:
    while words and words[0] in _KEYWORDS:
        words = words[1:]
    if words and words[0] not in ("for", "case", "esac"):
        feeds, behind = operator.startswith("|") and operator != "||", operator.startswith("&") and operator[:2] != "&&"
        found.append(Call(tuple(words), feeds=feeds, behind=behind, looped=looped))
