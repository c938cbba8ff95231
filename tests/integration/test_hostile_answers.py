"""What a server may answer or an alert may carry, in a whole run: half of a pair of surrogates, which UTF-8 cannot say.

JSON can, as an escape. A run that ended there could never be resumed: it would end there again.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.peers import peer, response
from support.projects import Project, applied, steps

BOOK = """name: look
title: Look, and act on what was seen
parameters: {{who: {{type: string, from_alert: labels.who, default: nobody, description: Whose it is}}}}
triage: [{{id: see, uses: http.get, with: {{url: "{url}"}}}}]
resolution:
  - id: one
    steps: [{{id: change, uses: command.run, with: {{argv: [touch, "{word}"]}}}}]
verification:
  within: 1s
  every: 1s
  checks: [{{id: fine, uses: command.run, with: {{argv: ["true"], effect: read}}}}]
"""
ANSWER = response(200, b'{"a": "x\\ud800", "\\udfff": 1}', Content_Type="application/json")


def test_an_answer_that_utf_8_cannot_say_is_recorded_and_shown(tmp_path: Path) -> None:
    """The run ends as it would have, its record verifies, and every way to read it works."""
    project = Project(tmp_path / "project")
    with peer(ANSWER) as server:
        project.runbook(BOOK.format(url=server.url, word="done"))
        done = project.run("look", "--yes")
    assert (done.exit, applied(done.run)) == (0, ["change"]), done.err
    assert steps(done.run)["see"]["output"]["json"]["a"] == "x\\ud800"
    run = done.run["run"]
    for words in (("log", "verify", run), ("log", "show", run), ("log", "show", run, "--output", "json")):
        assert project.does(*words).exit == 0, words


@pytest.mark.parametrize("word", ["{{ steps.see.json.a }}", "{{ params.who }}"], ids=["of an answer", "of an alert"])
def test_what_no_program_can_receive_is_no_plan(word: str, tmp_path: Path) -> None:
    """The option ends before anybody is asked, and the run with it; nothing is stuck."""
    project = Project(tmp_path / "project")
    labels = {"alertname": "Boom", "who": "x\ud800"}
    alert = {"status": "firing", "labels": labels, "annotations": {}, "startsAt": "2026-01-02T03:04:05Z"}
    (project.folder / "alert.json").write_text(json.dumps({"version": "4", "status": "firing", "alerts": [alert]}))
    with peer(ANSWER) as server:
        project.runbook(BOOK.format(url=server.url, word=word))
        done = project.run("look", "--alert", "alert.json", "--yes")
    assert (done.exit, done.run["outcome"], applied(done.run)) == (5, "not_resolved", []), done.err
    assert "U+D800" in json.dumps(steps(done.run)["change"])
