"""`new`: runbooks of templates that lint and are rehearsed as they are, and a list of what only their author knows."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import click
import pytest

from runbook.authoring.starting import TEMPLATES
from runbook.cli import fmt, init, lint, new, schema
from runbook.cli import test as plays
from runbook.errors import Exit, UsageError
from runbook.shipped import templates
from support.sessions import Heard, session

POLICY = """\
apiVersion: runbook/v1
kind: Policy
people:
  ann: {user: ann}
  bob: {user: bob}
  eve: {user: eve}
groups:
  sre: [ann, bob]
  dba: [eve]
run: {from: [sre]}
approvals:
  change: {required: 2, from_each: [sre, dba], exclude_initiator: true, timeout: 15m}
"""
CONFIG = """\
apiVersion: runbook/v1
kind: Config
policy: policy.yaml
connections:
  kubernetes: {context: production}
  prometheus: {url: "http://127.0.0.1:9090"}
channels:
  chat: {console: {}}
"""
ASKED = new.Options("shop-down", owner="Team Shop", service="Shop API")


class Terminal(StringIO):
    """Words that somebody types."""

    def isatty(self) -> bool:
        return True


def project(folder: Path, *, policy: str | None = POLICY) -> Heard:
    """A session in a project without runbooks, with every connection."""
    (folder / "runbook.yaml").write_text(CONFIG if policy else CONFIG.replace("policy: policy.yaml\n", ""))
    if policy:
        (folder / "policy.yaml").write_text(policy)
    return session(folder, runbook=None)


def made(folder: Path, **changes: object) -> tuple[Heard, list[Path]]:
    """A session that looks at what was made anew."""
    heard = session(folder, runbook=None)
    assert new.new(heard, ASKED._replace(output="json", **changes)) == Exit.OK
    return heard, [Path(path) for path in heard.json["made"]]


@pytest.mark.parametrize("policy", [POLICY, None], ids=["policy", "nobody"])
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_new_runbook_lints_is_in_the_style_and_passes_its_scenarios(
    tmp_path: Path, template: str, policy: str | None
) -> None:
    """With the people of the policy; what lint still says is on a line that its author is told to fill in."""
    project(tmp_path, policy=policy)
    heard, files = made(tmp_path, template=template)
    assert fmt.fmt(session(tmp_path, runbook=None), fmt.Options(tuple(files), check=True)) == Exit.OK
    said = session(tmp_path, runbook=None)
    assert lint.lint(said, lint.Options(output="json")) == Exit.OK
    told = {(row["path"], row["line"]) for row in heard.json["fill_in"]}
    assert told
    for finding in said.json["findings"]:
        assert (finding["code"], (finding["path"], finding["line"]) in told) == ("RB170", True), finding
    played = session(tmp_path, runbook=None)
    assert plays.test(played, plays.Options(output="json")) == Exit.OK, played.out.getvalue()
    assert played.json["passed"] >= 3


def test_every_template_is_listed_and_every_listed_one_has_scenarios() -> None:
    """A file without its other half would never be seen."""
    stems = {path.name.removesuffix(".yaml").partition(".")[0] for path in templates().glob("*.yaml")}
    assert stems == set(TEMPLATES) == {path.name.partition(".")[0] for path in templates().glob("*.scenarios.yaml")}


def test_what_is_there_is_never_overwritten(tmp_path: Path) -> None:
    """Not the runbook, not what would stand beside it; and a name stands once in a library."""
    project(tmp_path)
    there = tmp_path / "runbooks" / "shop-down.scenarios.yaml"
    there.write_text("mine")
    with pytest.raises(UsageError, match=r"shop-down\.scenarios\.yaml is there already"):
        new.new(session(tmp_path, runbook=None), ASKED)
    assert (there.read_text(), len(list(there.parent.iterdir()))) == ("mine", 1)
    there.unlink()
    made(tmp_path)
    with pytest.raises(UsageError, match="there is a runbook 'shop-down' already"):
        new.new(session(tmp_path, runbook=None), ASKED._replace(to=tmp_path / "other.yaml"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (ASKED._replace(name="Shop Down"), "is not a name"),
        (ASKED._replace(alert="Shop Down"), "no name of an alert"),
        (ASKED._replace(title="a\nb"), "no line of text"),
        (ASKED._replace(owner=None), "--owner is missing"),
        (ASKED._replace(service=None), "--service is missing"),
    ],
)
def test_what_cannot_be_is_a_usage_error(tmp_path: Path, options: new.Options, message: str) -> None:
    """Nothing prompts without a terminal; nothing is written."""
    with pytest.raises(UsageError, match=message):
        new.new(project(tmp_path), options)
    assert not list((tmp_path / "runbooks").iterdir())


def test_on_a_terminal_it_asks_for_what_was_not_given(tmp_path: Path) -> None:
    """With a default where there is one; asked again where an answer cannot be."""
    heard = project(tmp_path)
    heard.stdin, heard.err = Terminal('\n\nShop API\nTeam: "Shop"\nno alert\nShopGone\n'), Terminal()
    heard.stderr = heard.err
    assert new.new(heard, new.Options("shop-down")) == Exit.OK
    text = (tmp_path / "runbooks" / "shop-down.yaml").read_text()
    assert "title: Shop down\nservice: Shop API\nowners: ['Team: \"Shop\"']\n" in text
    assert "- alert: ShopGone\n" in text and "to: team-shop\n" in text
    assert "What is wrong, in a few words [Shop down]: " in heard.err.getvalue()


def test_somebody_who_goes_away_leaves_nothing_behind(tmp_path: Path) -> None:
    """Ctrl-D at a question."""
    heard = project(tmp_path)
    heard.stdin, heard.stderr = Terminal("Title\n"), Terminal()
    with pytest.raises(click.Abort):
        new.new(heard, new.Options("shop-down"))
    assert not list((tmp_path / "runbooks").iterdir())


def test_editors_are_told_of_the_schema_where_the_project_has_it(tmp_path: Path) -> None:
    """By the way from the file to it."""
    init.init(session(tmp_path, runbook=None), init.Options(tmp_path))
    heard, files = made(tmp_path)
    assert files[0].read_text().startswith("apiVersion:")
    assert {"kubernetes"} == {row["text"].split("'")[1] for row in heard.json["fill_in"] if "connection" in row["text"]}
    schema.schema(heard, schema.Options(write=tmp_path / "schemas"))
    _, files = made(tmp_path, name="shop-slow", to=tmp_path / "runbooks" / "shop" / "slow.yaml")
    assert files[0].read_text().startswith("# yaml-language-server: $schema=../../schemas/runbook.schema.json\n")


def test_in_a_folder_that_is_named_it_has_its_own_name(tmp_path: Path) -> None:
    """`-o ops` is no wish for a file `ops.yaml` beside that folder."""
    (tmp_path / "ops").mkdir()
    _, files = made(tmp_path, to=tmp_path / "ops")
    assert {file.parent.name for file in files} == {"ops"}
    assert "ops/shop-down.yaml" in {str(file.relative_to(tmp_path)) for file in files}
