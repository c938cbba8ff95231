"""Lines of a shell: plain ones become steps, and whatever a shell would work out is left to a person."""

from __future__ import annotations

from typing import Any

import pytest

from runbook.authoring.importing.commands import lines, words
from runbook.authoring.importing.draft import Parameters

PLAIN: list[tuple[str, str, dict[str, Any]]] = [
    ("df -h", "command.run", {"argv": ["df", "-h"], "effect": "read"}),
    ("systemctl status 'a b'", "command.run", {"argv": ["systemctl", "status", "a b"], "effect": "read"}),
    ('promtool query instant "$PROMETHEUS_URL" \'up{job="api"} == 0\'', "prometheus.query",
        {"query": 'up{job="api"} == 0'}),
    ("curl -sS https://example.com/health", "http.get", {"url": "https://example.com/health"}),
    ("nc -vz db 5432", "tcp.connect", {"host": "db", "port": 5432}),
    ("getent ahosts example.com", "dns.lookup", {"name": "example.com"}),
    ("openssl s_client -connect a.example.com:8443 </dev/null | openssl x509 -noout -dates", "tls.certificate",
     {"host": "a.example.com", "port": 8443}),
]  # fmt: skip


@pytest.mark.parametrize(("line", "kind", "inputs"), PLAIN, ids=[line for line, *_ in PLAIN])
def test_a_plain_line_that_reads_is_a_step(line: str, kind: str, inputs: dict[str, Any]) -> None:
    """Of the kind that says the same."""
    [found] = lines(line, Parameters())
    assert [(step.uses, step.inputs) for step in found.steps] == [(kind, inputs)]


@pytest.mark.parametrize(
    "line",
    [
        "df -h | tail", "df -h > x", "df -h; rm x", "df $(cat x)", "df `x`", "df &", "cat <<EOF",
        "df ${X%%/*}", "cat 'x",
        "systemctl restart x", "tail -f log", "curl -X POST https://example.com",
        "curl -o x https://example.com", "rm x",
        "nc -l 80", "journalctl --vacuum-size=1M", "sudo df", "X=1 df", "docker rm x", "",
    ],
)  # fmt: skip
def test_any_other_line_is_a_persons(line: str) -> None:
    """What could change something, never ends, or is more than words."""
    assert all(found.steps == () for found in lines(line, Parameters()))


def test_what_is_to_be_filled_in_becomes_a_parameter() -> None:
    """A variable, a placeholder, a label of the alert; a number where the step takes one."""
    parameters = Parameters()
    text = "kubectl -n {{ $labels.namespace }} logs <pod name>\nkubectl scale deploy/$APP --replicas=${N}"
    [logs, scale] = [step.inputs for line in lines(text, parameters) for step in line.steps]
    assert logs == {"namespace": "{{ params.namespace }}", "pod": "{{ params.pod_name }}"}
    assert scale == {"deployment": "{{ params.app }}", "replicas": "{{ params.n }}"}
    assert parameters.used["namespace"]["from_alert"] == "labels.namespace"
    assert {name: one["type"] for name, one in parameters.used.items()} == {
        "namespace": "string", "pod_name": "string", "app": "string", "n": "integer",
    }  # fmt: skip


def test_what_belongs_together_is_one_line() -> None:
    """Loops, here-documents and quotes over lines; comments stand with what they are about."""
    assert [line.text for line in lines("for a in b; do\n  df $a\ndone", Parameters())] == [
        "for a in b; do\n  df $a\ndone"
    ]
    assert len(lines("echo 'a\nb'\ndf", Parameters())) == 1
    [first, second] = lines("# how full\n# is it\ndf -h\n\ndu -s \\\n  /var", Parameters())
    assert (first.comment, second.text) == ("how full is it", "du -s /var")


def test_words_are_cut_as_a_shell_cuts_them() -> None:
    """Placeholders stay in one piece."""
    assert words("a 'b c' <the name> \"d $X\"") == ["a", "b c", "<the name>", "d $X"]
    assert words("a | b") is None and words("a 'b") is None
