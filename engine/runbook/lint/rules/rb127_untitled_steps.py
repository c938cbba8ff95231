"""RB127: a long list of steps of which some have no words for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Finding, Severity
from runbook.document.model import Runbook, Steps
from runbook.document.rules.walk import Phase, Site
from runbook.lint.rule import Rule
from runbook.lint.samples import runbook

if TYPE_CHECKING:
    from runbook.document.source import Pointer
    from runbook.lint.rule import About

_MANY: Final = 6  # what a tired reader takes in at a glance ends about here

_BAD = """\
triage:
  - {id: smarthost, uses: tcp.connect, with: {host: smtp.example.net, port: 587}}
  - {id: relay, uses: tcp.connect, with: {host: relay.example.net, port: 25}}
  - {id: name, uses: dns.lookup, with: {name: smtp.example.net}}
  - {id: certificate, uses: tls.certificate, with: {host: smtp.example.net, port: 465}}
  - {id: web, uses: http.get, with: {url: "https://mail.example.com/health"}}
  - {id: spool, uses: command.run, with: {argv: [df, -h, /var/spool], effect: read}}
"""
_TITLES = {
    "smarthost": "The provider takes mail",
    "relay": "The relay takes mail",
    "name": "The provider's name leads somewhere",
    "certificate": "Its certificate is good",
    "web": "The mail server answers",
    "spool": "There is space for mails that wait",
}


def _titled(text: str) -> str:
    for id_, title in _TITLES.items():
        text = text.replace(f"id: {id_},", f"id: {id_}, title: {title},")
    return text


def check(about: About) -> Iterator[Finding]:
    """Where many steps stand in a list, each has a title or a description."""
    for place, sites in _lists(about).items():
        untitled = [site for site in sites if not _has_words(about, site)]
        if len(sites) >= _MANY and untitled:
            of = "triage" if place == ("triage",) else "the list"
            message = f"{len(untitled)} of {len(sites)} steps of {of} have no 'title', '{untitled[0].step.id}' first"
            yield about.finding(untitled[0].pointer, message, "say in a few words what each shows or does")


def _lists(about: About) -> dict[Pointer, list[Site]]:
    lists: dict[Pointer, list[Site]] = {}
    for site in about.sites:
        if site.phase in (Phase.TRIAGE, Phase.OPTION, Phase.PART) and not site.between:
            lists.setdefault(site.pointer[:-1], []).append(site)
    return lists


def _has_words(about: About, site: Site) -> bool:
    step = site.step
    if step.title or step.description or step.uses.startswith("manual."):
        return True
    signals = about.document.signals if isinstance(about.document, Runbook) else {}
    return step.signal in signals and signals[step.signal].title is not None


RULE = Rule(
    code="RB127",
    name="untitled-steps",
    severity=Severity.WARNING,
    title="Many steps, and some without a title",
    why=(
        "At the gate and in the report steps stand under each other. Two or three explain themselves by what they do; "
        "of six or more, whoever was asleep a minute ago reads only those that say what they show."
    ),
    instead="A `title` of a few words, as one would say it to a colleague: *The provider takes mail*.",
    bad=runbook(_BAD),
    good=runbook(_titled(_BAD)),
    check=check,
    of=(Runbook, Steps),
)
