"""`runbook lint` as it is typed: rule files, fixes, and the forms that others read."""

from __future__ import annotations

import json
import stat
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from runbook.cli import explain
from runbook.cli.lint import Options, lint
from runbook.errors import DocumentError, Exit, UsageError
from support.linted import QUEUE
from support.sessions import session

VAIN = "# lint: allow(RB101): it was so\n" + QUEUE.replace("triage:", "owners: [payments]\ntriage:")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one runbook whose exception is not needed."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "books").mkdir()
    (tmp_path / "books" / "queue.yaml").write_text(VAIN)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_fix_mends_what_it_can_and_says_so(project: Path) -> None:
    """Twice is once; what it cannot mend is still found."""
    heard, again = session(project), session(project)
    for one in (heard, again):
        assert lint(one, Options((Path("books"),), fix=True)) == Exit.OK
    assert "mended books/queue.yaml: RB100" in heard.err.getvalue()
    assert "mended" not in again.err.getvalue()
    assert Path("books/queue.yaml").read_text() == VAIN.partition("\n")[2]


def test_fix_keeps_the_mode_of_a_file_and_a_link_to_it(project: Path) -> None:
    """A link stays a link; what nobody else may read stays so."""
    path, link = project / "books" / "queue.yaml", project / "link.yaml"
    path.chmod(0o600)
    link.symlink_to(path)
    heard = session(project)
    lint(heard, Options((Path("link.yaml"),), output="json", fix=True))
    assert [one["code"] for one in heard.json["fixed"]] == ["RB100"]
    assert (link.is_symlink(), stat.S_IMODE(path.stat().st_mode)) == (True, 0o600)
    assert "allow" not in path.read_text()


def test_a_fix_that_cannot_be_written_changes_nothing(project: Path) -> None:
    """Nothing is half done."""
    Path("books/other.yaml").write_text(VAIN.replace("queue-stuck", "other"))
    Path("books/queue.yaml.part").mkdir()
    with pytest.raises(UsageError, match="the document cannot be written"):
        lint(session(project), Options((Path("books"),), fix=True))
    assert Path("books/queue.yaml").read_text() == VAIN
    assert Path("books/other.yaml").read_text() == VAIN.replace("queue-stuck", "other")


@pytest.mark.parametrize("form", ["github", "sarif", "junit", "rdjson"])
def test_what_services_read_has_paths_from_the_root_of_the_repository(
    project: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """Wherever the command was typed; and nothing else is on stdout."""
    monkeypatch.chdir(project / "books")
    heard = session(project / "books")
    assert lint(heard, Options((Path("queue.yaml"),), "warning", form)) == Exit.INVALID
    out = heard.out.getvalue()
    if form == "github":
        assert all(line.startswith("::warning file=books/queue.yaml,") for line in out.splitlines())
    elif form == "junit":
        assert {case.get("file") for case in ET.fromstring(out).iter("testcase")} == {"books/queue.yaml"}
    else:
        assert '"books/queue.yaml"' in json.dumps(json.loads(out))


def test_rule_files_say_which_alerts_there_are(project: Path) -> None:
    """A file that holds no rules would call every alert unknown, so it is refused."""
    Path("rules.yaml").write_text("groups: [{name: a, rules: [{alert: QueueStuck, expr: up == 0}]}]\n")
    assert lint(session(project), Options((Path("books"),), rules=(Path("rules.yaml"),))) == Exit.OK
    with pytest.raises(DocumentError):
        lint(session(project), Options((Path("books"),), rules=(Path("books/queue.yaml"),)))
    with pytest.raises(UsageError, match=r"no file or folder 'nowhere'"):
        lint(session(project), Options((Path("books"),), rules=(Path("nowhere"),)))


def test_explain_tells_what_a_code_means(tmp_path: Path) -> None:
    """Of a rule with its failing example and what is found in it; of a message its paragraph."""
    heard = session(tmp_path)
    assert explain.explain(heard, explain.Options("RB101")) == Exit.OK
    assert "RB101: nobody owns 'queue-stuck'" in heard.out.getvalue()
    explain.explain(heard, explain.Options("RB021"))
    assert "Unknown keys are never ignored" in heard.out.getvalue()
    explain.explain(heard, explain.Options("RB101", output="json"))
    assert heard.json["code"].keys() == {"code", "name", "severity", "title", "text", "url", "bad", "good"}
    with pytest.raises(UsageError, match="no message with the code 'RB999'"):
        explain.explain(heard, explain.Options("RB999"))
