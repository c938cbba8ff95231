"""Pieces of which rules write their examples: the head of a runbook, a symptom, a check, a way to a person.

An example shows one thing; what every runbook has stands here once.
"""

from __future__ import annotations

from typing import Final

HEAD: Final = """\
apiVersion: runbook/v1
kind: Runbook
name: queue-stuck
title: The mail queue does not move
"""

SYMPTOM: Final = """\
symptoms:
  - {id: waiting, uses: http.get, with: {url: "https://mail.example.com/queue"}, expect: json.waiting > 1000}
"""

TRIAGE: Final = """\
triage:
  - {id: smarthost, uses: tcp.connect, with: {host: smtp.example.net, port: 587}}
"""

RESTART: Final = """\
  - id: restart
    steps:
      - id: restart_worker
        uses: command.run
        with: {argv: [systemctl, restart, mail-worker]}
        irreversible: What the worker was doing is lost.
"""

VERIFICATION: Final = """\
verification:
  checks:
    - {id: moving, uses: http.get, with: {url: "https://mail.example.com/queue"}, expect: json.waiting < 100}
"""

ESCALATION: Final = """\
escalation: {to: mail, after: 20m}
"""


def runbook(*parts: str) -> dict[str, str]:
    """The files of an example that is one runbook: its head, then these parts."""
    return {"runbooks/queue-stuck.yaml": "".join((HEAD, *parts))}
