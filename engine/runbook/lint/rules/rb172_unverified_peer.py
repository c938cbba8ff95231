"""RB172: a connection to whoever answers, because nobody looks at a certificate or a host key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from runbook.document.findings import Finding, Severity
from runbook.document.model import Config, EvidencePlan, Runbook, Steps
from runbook.document.source import Pointer
from runbook.lint.contents.commands import commands
from runbook.lint.contents.scripts import Call
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: shop-down
title: The shop does not answer
triage:
  - id: answer
    uses: command.run
    with: {argv: [curl, -sk, --max-time, "5", "https://shop.internal/health"], effect: read}
"""
_GOOD = """\
apiVersion: runbook/v1
kind: Runbook
name: shop-down
title: The shop does not answer
triage:
  - id: answer
    uses: command.run
    with: {argv: [curl, -s, --cacert, ca.pem, --max-time, "5", "https://shop.internal/health"], effect: read}
"""


_OPTIONS: Final = {
    "curl": ("-k", "--insecure", "--proxy-insecure"),
    "wget": ("--no-check-certificate",),
    **dict.fromkeys(("kubectl", "oc"), ("--insecure-skip-tls-verify",)),
    "helm": ("--kube-insecure-skip-tls-verify", "--insecure-skip-tls-verify"),
    "argocd": ("--insecure",),
    **dict.fromkeys(("etcdctl", "nerdctl"), ("--insecure-skip-tls-verify", "--insecure-registry")),
}
_SSH: Final = frozenset({"ssh", "scp", "sftp", "rsync", "ansible", "ansible-playbook"})
_HOST_KEYS: Final = re.compile(r"StrictHostKeyChecking[= ](?:no|off)|UserKnownHostsFile[= ]/dev/null", re.IGNORECASE)


def check(about: About) -> Iterator[Finding]:
    """Certificates and host keys are verified: by the commands of steps, and by the connections of a configuration."""
    hint = "give it the authority to believe, or the host's key, and leave it on"
    for command in commands(about):
        for call in command.calls:
            if _looks_away(call):
                message = f"{call.program} in '{command.site.step.id}' does not look whom it speaks to"
                yield about.finding(command.at(call), message, hint)
    if isinstance(about.document, Config) and b"verify" in about.entry.data:
        for place in _unverified(about.entry.source.data, ()):
            name = place[list(place).index("connections") + 1]
            yield about.finding(place, f"the connection '{name}' does not look whom it speaks to", "use 'ca_file'")


def _looks_away(call: Call) -> bool:
    options = _OPTIONS.get(call.program, ())
    if call.program in _SSH and _HOST_KEYS.search(" ".join(call.argv)):
        return True
    return bool(options) and call.has(*options)


def _unverified(data: Any, place: tuple[str | int, ...]) -> Iterator[Pointer]:
    """Where `verify: false` stands among connections, those of environments too."""
    for key, value in data.items() if isinstance(data, Mapping) else ():
        if key == "verify" and value is False and "connections" in place:
            yield (*place, key)
        else:
            yield from _unverified(value, (*place, key))


RULE = Rule(
    code="RB172",
    name="unverified-peer",
    severity=Severity.WARNING,
    title="A peer that nobody verifies",
    why=(
        "`-k` sends the password to whoever answers. It was written on the day on which a certificate had run "
        "out, and has stayed. During an incident, when names and addresses are moved about, it is the wrong host "
        "that answers."
    ),
    instead=(
        "The authority that signs your certificates (`--cacert`, `ca_file`), and pinned host keys. To look at a "
        "certificate that may be bad, `tls.certificate`; for a machine, `ssh.run`."
    ),
    bad={"runbooks/example.yaml": _BAD},
    good={"runbooks/example.yaml": _GOOD},
    check=check,
    of=(Runbook, Steps, EvidencePlan, Config),
)
