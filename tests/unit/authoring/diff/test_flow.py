"""What each edit of a runbook, its evidence, its messages or its configuration means: one line of YAML, one meaning."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.sides import said

PULLS = Path(__file__).parents[3] / "cases" / "pulls"
API = "runbooks/api-errors.yaml"
DISK = "runbooks/disk-full.yaml"
PLAN = "runbooks/disks.yaml"
CONFIG = "runbook.yaml"
POLICY = "policy.yaml"


def tree(name: str) -> dict[str, str]:
    folder = PULLS / name / "base"
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*.*")}


BASE = tree("14-change-claims-to-read") | tree("01-gate-removed")
ENVIRONMENTS = """\
environments:
  staging: {default: true, connections: {kubernetes: {context: staging}}, values: {region: west}}
  production: {labels: {cluster: p}, connections: {kubernetes: {context: p, read: {context: p-viewer}}}}
"""

QUERIED = """\
uses: prometheus.query
      with: {query: 'histogram_quantile(0.95, sum by (le) (rate(latency_bucket{job="api"}[5m])))'}
      expect: value < 0.5"""
CONNECTED = """\
uses: tcp.connect
      with: {host: api, port: 443}
      expect: reachable"""

EDITS = [
    # a runbook
    (API, "expect: value > 5", "expect: value > 3", "symptom-changed"),
    (API, "expect: value > 5", "expect: value > 3\n    series: any", "symptom-changed symptom-changed"),
    (API, "  hold: 2m", "  hold: 2m\n  every: 30s", "verification-waits"),
    (API, "  within: 10m", "  within: 30m", "verification-waits"),
    (API, "expect: value < 1\n", "expect: value <= 5\n", "verification-loosened verification-no-stricter"),
    (API, "escalation: {to: sre, after: 20m}", "escalation: {to: sre, after: 2h}", "escalation-changed"),
    (API, "escalation: {to: sre, after: 20m}", "escalation: {to: sre, after: 5m}", "stricter"),
    (API, "escalation: {to: sre,", "escalation: {to: dba,", "escalation-changed"),
    (API, "    when_not_helped: undo", "    when_not_helped: undo\n    on_failure: undo", "stricter"),
    (API, "    when_not_helped: undo", "    when_not_helped: undo\n    auto: false", "stricter"),
    (API, "    when_not_helped: undo", "    when_not_helped: undo\n    temporary: 4h", "temporary-changed"),
    (API, "    when_not_helped: undo", "    when_not_helped: undo\n    settle: 1m", "verification-waits"),
    (API, "    when_not_helped: undo", "    when_not_helped: undo\n    caution: Beware.", "caution-changed"),
    (API, "age_seconds < 3600", "age_seconds < 7200", "condition-loosened"),
    (API, "age_seconds < 3600", "age_seconds < 60", "stricter"),
    (API, "    when: steps", "    when: not steps", "condition-changed"),
    (API, "replicas: 6", "replicas: 0", "effect-raised"),
    (API, "replicas: 6", "replicas: 3", "request-changed"),
    (
        API,
        '{type: string, pattern: "[a-z-]+", default: shop}',
        '{type: string, pattern: ".*", default: shop}',
        "input-unchecked",
    ),
    (API, "default: shop}", "default: bank}", "parameter-changed"),
    (API, "default: shop}", "default: shop, from_alert: labels.namespace}", "parameter-changed"),
    (API, "title: The API", "severity: SEV3\ntitle: The API", "severity-changed"),
    (API, "title: The API", "concurrency: all\ntitle: The API", "locking-changed"),
    (API, "title: The API", "target: {name: api}\ntitle: The API", "target-changed"),
    (
        API,
        "kubernetes.rollout_history\n    with: {",
        "kubernetes.rollout_history\n    timeout: 5s\n    with: {",
        "timing-changed",
    ),
    (
        API,
        "at: start, to: incidents, template: initial",
        "every: 15m, to: incidents, template: update",
        "message-changed message-changed",
    ),
    (API, QUERIED, CONNECTED, "verification-changed verification-changed"),
    # steps that run commands
    (DISK, "enum: [7d, 30d]", "enum: [0d, 7d, 30d]", "input-unchecked"),
    (DISK, "age: {type: string, default: 7d, enum: [7d, 30d]}", "age: {type: string, default: 7d}", "input-unchecked"),
    (DISK, "argv: [scripts/drained.sh,", "argv: [scripts/restore.sh,", "ungated-command-changed"),
    (DISK, "          undo: {argv: [scripts/restore.sh", "          undo: {argv: [scripts/usage.sh", "request-changed"),
    (DISK, "          undo:", "          env: {PATH: /tmp}\n          undo:", "request-changed"),
    (DISK, "          undo:", "          confirm: {argv: [true-or-not]}\n          undo:", "stricter"),
    (DISK, "evidence: disks\n", "", "evidence-removed"),
    (DISK, 'text: "The disk of', 'text: "Disk of', "message-changed"),
    (DISK, "to: status_page, template: resolved", "to: status_page, template: update", "customers-told"),
    (PLAN, "items:", "timeout: 10s\nitems:", "evidence-changed"),
    (PLAN, "argv: [df, -h]", "argv: [df, -i]", "ungated-command-changed"),
    # what is around
    (CONFIG, "policy: policy.yaml", "policy: policy.yaml\nstore: sqlite:///other.db", "record-elsewhere"),
    (CONFIG, "policy: policy.yaml", "policy: policy.yaml\nlibrary: [runbooks, more]", "library-changed"),
    (CONFIG, "path: status.md", "path: /tmp/status.md", "messages-elsewhere"),
    (CONFIG, ", audience: customers", "", "message-changed"),
    (CONFIG, "incidents: {console: {}}", "incidents: {console: {}, audience: customers}", "customers-told"),
    (CONFIG, "url: https://prometheus", "token: {env: T}, url: https://prometheus", "credentials-changed"),
    (CONFIG, "context: production", "context: production, exec_plugins: [aws]", "connection-unsafe"),
    (CONFIG, "context: production", "context: production, lease: {namespace: l}", "locking-changed"),
    (POLICY, "required: 2", "required: 2, timeout: 1h", "gate-open-longer"),
    (POLICY, "count: 3", "count: 30", "auto-widened"),
    (POLICY, "ends: 2026-12-27", "ends: 2026-12-25", "freeze-shortened"),
    (POLICY, "ends: 2026-12-27", "ends: 2026-12-29", "stricter"),
    (POLICY, "reason: Holidays", "reason: Christmas", "words-changed"),
    (POLICY, "notify: [incidents]", "notify: []", "message-changed"),
]


@pytest.mark.parametrize(("path", "old", "new", "expected"), EDITS)
def test_one_edit_has_one_meaning(path: str, old: str, new: str, expected: str) -> None:
    """Exactly what is listed, and nothing besides."""
    assert BASE[path].count(old) == 1
    found = said(BASE, BASE | {path: BASE[path].replace(old, new)})
    assert [one.code for one in found] == expected.split()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("staging: {default: true, ", "staging: {", "stricter"),
        ("{labels: {cluster: p},", "{labels: {cluster: q},", "environment-changed"),
        ("region: west", "region: east", "environment-changed"),
        ("context: staging", "context: p", "connection-elsewhere"),
        (", read: {context: p-viewer}", "", "credentials-changed"),
        ("production: {labels", "production: {policy: policy.yaml, labels", "stricter"),
    ],
)
def test_an_environment_says_where_it_leads(old: str, new: str, expected: str) -> None:
    """Each environment by its name."""
    config = BASE[CONFIG] + ENVIRONMENTS
    found = said({CONFIG: config}, {CONFIG: config.replace(old, new)})
    assert [one.code for one in found] == [expected]
    assert all("environment" in one.place or "environment" in one.sentence for one in found)


def test_another_default_environment_is_a_danger() -> None:
    """Whoever names none works in production from then on."""
    config = BASE[CONFIG] + ENVIRONMENTS
    turned = config.replace("{default: true, ", "{").replace("production: {", "production: {default: true, ")
    assert [one.code for one in said({CONFIG: config}, {CONFIG: turned})] == ["environment-default"]


def test_credentials_that_stand_in_clear_are_not_repeated() -> None:
    """A header may be one; passwords in addresses do not even load."""
    config = BASE[CONFIG].replace("{url: https://prometheus", "{headers: {X-Team: hunter2}, url: https://prometheus")
    text = repr(said({CONFIG: BASE[CONFIG]}, {CONFIG: config}))
    assert "credentials-changed" in text
    assert "hunter2" not in text


def test_a_silenced_rule_of_lint_is_told() -> None:
    """It is a comment, and the only kind that means something."""
    silent = "# lint: allow(RB108): not now\n" + BASE[API]
    [found] = said({API: BASE[API]}, {API: silent})
    assert (found.code, found.line, found.after) == ("lint-changed", 1, "# lint: allow(RB108): not now")


def test_options_of_equal_danger_in_another_order_are_a_caution() -> None:
    """Only a more dangerous one before a milder one is more."""
    first, second = BASE[API].index("  - id: roll_back"), BASE[API].index("  - id: scale")
    end = BASE[API].index("verification:")
    turned = BASE[API][:first] + BASE[API][second:end] + BASE[API][first:second] + BASE[API][end:]
    assert [one.code for one in said({API: BASE[API]}, {API: turned})] == ["option-moved"]


def test_a_new_option_before_others_is_told_with_what_it_holds_up() -> None:
    """Without a condition, it is tried in every case."""
    step = "{id: again, uses: kubernetes.rollout_restart, with: {deployment: api, namespace: shop}}"
    option = f"  - id: restart\n    steps: [{step}]\n"
    text = BASE[API].replace("  - id: roll_back", option + "  - id: roll_back")
    found = said({API: BASE[API]}, {API: text})
    assert [one.code for one in found] == ["option-added", "option-moved"]
    assert found[1].sentence == "'restart' is tried before roll_back, scale, whatever the case"
