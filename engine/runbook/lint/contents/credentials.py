"""What looks like a credential in a text: keys by the shape that their makers gave them, and words after a flag.

Shapes are those that issuers publish so that leaked keys can be found: a fixed beginning and a length. What is
a name, a path, a variable or a reference is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

# What it is, and how it looks: docs of AWS, GitHub, GitLab, Slack, Stripe, Google, Grafana; RFC 7519.
_SHAPES: Final = (
    ("an AWS access key", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    ("a GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{36,})"),
    ("a GitLab token", r"\bglpat-[A-Za-z0-9_-]{20,}"),
    ("a Slack token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
    ("a Slack webhook", r"\bhooks\.slack\.com/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{16,}"),
    ("a Stripe key", r"\b[rs]k_live_[A-Za-z0-9]{16,}"),
    ("a Google API key", r"\bAIza[0-9A-Za-z_-]{35}\b"),
    ("a Grafana token", r"\bgls[a]_[A-Za-z0-9]{32}_[0-9a-f]{8}\b"),
    ("a private key", r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    ("a JSON Web Token", r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
)
SHAPE: Final = re.compile("|".join(f"({shape})" for _, shape in _SHAPES))
# What one of them has within it in any case, for a look at the bytes of a whole file.
_GLANCE: Final = (
    *(b"AKIA", b"ASIA", b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"github_pat_", b"glpat-", b"xox", b"hooks.slack"),
    *(b"_live_", b"AIza", b"glsa_", b"PRIVATE KEY", b"eyJ"),
)

_WORDS: Final = (
    r"(?:password|passwd|passphrase|token|secret|api[-_]?key|secret[-_]key|access[-_]key|auth[-_]token|bearer)"
)
_FLAG: Final = re.compile(rf"--?(?:[a-z]+[-_])*{_WORDS}(?:=(?P<value>.*))?", re.IGNORECASE | re.DOTALL)
_NAMED: Final = re.compile(rf"[A-Z0-9_]*{_WORDS}", re.IGNORECASE)
_HEADER: Final = re.compile(
    r"(?:--header=|-H)?\s*(?:(?:proxy-)?authorization\s*:\s*(?:(?:bearer|basic|token)\s+)?"
    r"|(?:x-api-key|api-key|x-auth-token|private-token|x-vault-token)\s*:\s*)(?P<value>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_USERINFO: Final = re.compile(r"[a-z][a-z0-9+.-]{0,20}://[^/?#\s:@]*:(?P<value>[^/?#\s@]+)@", re.IGNORECASE)
_QUERY: Final = re.compile(rf"[?&](?:[a-z]+[-_])*{_WORDS}=(?P<value>[^&#\s]+)", re.IGNORECASE)
_HOLES: Final = re.compile(r"\{\{.*?\}\}", re.DOTALL)
# Not the secret itself: a path, a variable, a reference, a sign for "read it elsewhere", a word that turns it off.
_ELSEWHERE: Final = re.compile(
    r"[$@/.~<]|-$|(?:file|env|fd|cmd|vault|op|arn|sops|literal):|(?:true|false|yes|no|never|none|prompt|\*+|x{3,})$",
    re.I,
)
_ASKS: Final = frozenset({"psql", "pg_dump", "pg_restore", "pg_dumpall", "createdb", "dropdb", "mysql", "mariadb"})


def may_hold(data: bytes) -> bool:
    """Whether any shape can be in these bytes: False is certain."""
    return any(beginning in data for beginning in _GLANCE)


def shape(text: str) -> str | None:
    """What a text holds that was issued as a key: `a GitHub token`; None where there is none."""
    found = SHAPE.search(text)
    return _SHAPES[(found.lastindex or 1) - 1][0] if found else None


def in_words(argv: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Words of an argument list that are a credential by what stands around them: their index, and what they are."""
    for i in range(len(argv)):
        kind = _of_word(argv, i)
        if kind:
            yield i, kind


def in_address(text: str) -> str | None:
    """What of an address is a credential: `a password`, `a key`; None where there is none."""
    for pattern, kind in ((_USERINFO, "a password"), (_QUERY, "a key")):
        found = pattern.search(text)
        if found and is_meant(found["value"]):
            return kind
    return None


def is_named_so(name: str) -> bool:
    """Whether a variable or a header has the name of a credential: `DB_PASSWORD`, `X-Api-Key`."""
    return _NAMED.fullmatch(name.replace("-", "_")) is not None or name.lower() in ("authorization", "cookie")


def is_meant(value: str) -> bool:
    """Whether a value is the credential, not where it is read from. What is a template as a whole may be any value."""
    bare = _HOLES.sub("", value).strip()
    return bool(value.strip()) and (not bare or _ELSEWHERE.match(bare) is None)


def _of_word(argv: Sequence[str], i: int) -> str | None:
    word, program = argv[i], argv[0].rsplit("/", 1)[-1]
    header, flag = _HEADER.fullmatch(word), _FLAG.fullmatch(argv[i - 1]) if i else None
    given = _FLAG.fullmatch(word)
    if header and is_meant(header["value"]):
        return "a header with a credential"
    if given and given["value"] is not None and is_meant(given["value"]):
        return f"the value of {word.partition('=')[0]}"
    if flag and flag["value"] is None and not word.startswith("-") and program not in _ASKS and is_meant(word):
        return f"the value of {argv[i - 1]}"
    if program in ("mysql", "mariadb", "mysqldump", "mysqladmin") and word.startswith("-p") and is_meant(word[2:]):
        return "the password after -p"
    if i and argv[i - 1] == "-a" and program == "redis-cli" and is_meant(word):
        return "the password after -a"
    if i and argv[i - 1] in ("-u", "--user") and program == "curl" and ":" in word and is_meant(word.partition(":")[2]):
        return "the password of --user"
    if i and argv[i - 1] == "-p" and program == "sshpass" and is_meant(word):
        return "the password after -p"
    name, equals, value = word.partition("=")
    if equals and name.isupper() and name.isidentifier() and is_named_so(name) and is_meant(value):
        return f"the value of {name}"
    return in_address(word)
