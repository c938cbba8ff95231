"""Alerts are found in every form in which teams keep their Prometheus rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.errors import DocumentError, UsageError
from runbook.lint.alert_rules import alert_rules, alerts_in

GROUPS = """\
groups:
  - name: api
    labels: {team: shop}
    rules:
      - record: job:up
        expr: sum(up)
      - alert: ApiErrorRateHigh
        expr: |
          sum(rate(http_requests_total{code=~"5.."}[5m])) > 1
        for: 5m
        labels: {severity: critical}
        annotations: {summary: "{{ $labels.job }} fails"}
"""


def indented(text: str, by: int) -> str:
    return "".join(f"{' ' * by}{line}\n" for line in text.splitlines())


def names(text: str) -> list[str]:
    return [alert.name for alert in alert_rules(text.encode(), "x.yaml")]


def test_an_alert_is_known_with_its_query_its_labels_and_its_line() -> None:
    """Those of its group too; a recorded series is no alert."""
    [alert] = alert_rules(GROUPS.encode(), "rules/api.yaml")
    assert (alert.name, alert.path, alert.line) == ("ApiErrorRateHigh", "rules/api.yaml", 7)
    assert alert.labels == {"team": "shop", "severity": "critical"}
    assert alert.annotations == {"summary": "{{ $labels.job }} fails"}
    assert alert.expr.startswith("sum(rate(")


@pytest.mark.parametrize(
    "text",
    [
        "kind: PrometheusRule\napiVersion: monitoring.coreos.com/v1\nspec:\n" + indented(GROUPS, 2),
        "---\nkind: Service\nspec: {ports: [1]}\n---\n# nothing\n---\nkind: PrometheusRule\nspec:\n"
        + indented(GROUPS, 2),
        "kind: List\nitems:\n  - kind: PrometheusRule\n    spec:\n" + indented(GROUPS, 6),
        "kind: ConfigMap\ndata:\n  api.rules: |\n" + indented(GROUPS, 4) + "  other: text\n",
        "namespace: shop\n" + GROUPS,
    ],
    ids=["operator", "rendered chart", "list", "config map", "mimir"],
)
def test_rules_are_found_wherever_they_are_kept(text: str) -> None:
    """What else is in the file is somebody else's."""
    assert names(text) == ["ApiErrorRateHigh"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("groups:\n  - name: {{ .Values.x }}: y\n   rules\n", "not YAML"),
        ("kind: Service\n", "no groups of rules"),
        ("", "no groups of rules"),
        ("a: " + "[" * 100 + "]" * 100, "deeper than 64"),
        ("\x00", "not YAML"),
    ],
)
def test_a_file_without_rules_is_refused_with_its_name(text: str, message: str) -> None:
    """An empty list of alerts would call every alert of every runbook unknown."""
    with pytest.raises(DocumentError) as refused:
        names(text)
    [finding] = refused.value.findings
    assert message in finding.message
    assert finding.path == "x.yaml"


def test_aliases_are_one_value_however_often_they_are_named() -> None:
    """A thousand million laughs are one."""
    bomb = "a: &a [x]\n" + "".join(f"b{n}: &b{n} [*{f'b{n - 1}' if n else 'a'}, *a]\n" for n in range(60)) + GROUPS
    assert names(bomb) == ["ApiErrorRateHigh"]


def test_a_folder_is_searched_for_rule_files(tmp_path: Path) -> None:
    """Of two alerts of one name, the first one is meant; other YAML is passed over."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.yaml").write_text(GROUPS)
    (tmp_path / "rules" / "b.yml").write_text(GROUPS.replace("ApiErrorRateHigh", "QueueStuck") + GROUPS[8:])
    (tmp_path / "rules" / "values.yaml").write_text("a: 1\n")
    alerts = alerts_in([tmp_path / "rules"])
    assert {name: Path(alert.path).name for name, alert in alerts.items()} == {
        "ApiErrorRateHigh": "a.yaml",
        "QueueStuck": "b.yml",
    }
    with pytest.raises(UsageError, match=r"there is no file or folder"):
        alerts_in([tmp_path / "rule"])
