"""What rules and the loader mend: exactly that, and nothing else of the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook import kinds
from runbook.document.load import load
from runbook.errors import DocumentError
from runbook.lint.examples import findings_of
from runbook.lint.fixing import mended
from runbook.lint.rule import Rule
from runbook.lint.ruling import every_rule
from runbook.lint.samples import HEAD, TRIAGE
from support.contents import asked, parameters, read, script
from support.linted import linted, said

CASES = Path(__file__).parents[2] / "cases" / "invalid"
LOADER = ("RB004", "RB007", "RB010", "RB021", "RB023", "RB024", "RB027")
PORT = parameters(x={"type": "string", "default": "a"}, several={"type": "string", "default": "a b"})
RATIO = 'sum(rate(http_total{job="a", code=~"5.."}[5m])) / sum(rate(http_total{job="a"}[5m]))'


def fixed(folder: Path, text: str, *codes: str) -> str:
    """A text as `lint --fix` leaves it, or as it was; what was mended is no longer found in it."""
    path = folder / "queue-stuck.yaml"
    while True:
        found = linted(folder, {path.name: text}).findings
        got = mended([one for one in found if not codes or one.code in codes], kinds.specs())
        if not got.texts:
            return text
        [text] = got.texts.values()
        assert {one.message for one in got.findings}.isdisjoint(
            one.message for one in linted(folder, {path.name: text}).findings
        )


MENDABLE = [rule for rule in every_rule() if rule.mends and rule.code != "RB100"]


@pytest.mark.parametrize("rule", MENDABLE, ids=[rule.code for rule in MENDABLE])
def test_a_rule_that_says_so_mends_its_own_example(rule: Rule, tmp_path: Path) -> None:
    """And finds nothing in it any more."""
    [text] = rule.bad.values()
    assert said(linted(tmp_path, {"a.yaml": fixed(tmp_path, text, rule.code)}), rule.code) == []


def test_a_rule_that_does_not_say_so_mends_nothing(tmp_path: Path) -> None:
    """Its page would be silent about what `--fix` does."""
    for rule in (rule for rule in every_rule() if not rule.mends):
        folder = tmp_path / rule.code
        folder.mkdir()
        found = findings_of(rule.bad, folder, kinds.specs())
        assert [one for one in found if one.code == rule.code and one.fix] == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("    timout: 5s  # short\n", "    timeout: 5s  # short\n"),
        ("    'timout' : 5s\n", "    timeout : 5s\n"),
        ("    title: {{ params.wait }}   # theirs\n", '    title: "{{ params.wait }}"   # theirs\n'),
        (
            "    title: {{ params.wait }}/ä: {{ params.wait }}\n",
            '    title: "{{ params.wait }}/ä: {{ params.wait }}"\n',
        ),
        ('    title: {{ params["wait"] }}\n', "    title: '{{ params[\"wait\"] }}'\n"),
        ("    title: 0777\n", '    title: "0777"\n'),
        ("    title: a\n    title: a\n", "    title: a\n"),
        (
            "    means: [{if: reachable, say: Up.}, {else: yes, say: Down.}]\n",
            "    means: [{if: reachable, say: Up.}, {else: true, say: Down.}]\n",
        ),
        ("    timout: 5s\n    titel: {{ params.wait }}\n", '    timeout: 5s\n    title: "{{ params.wait }}"\n'),
    ],
)
def test_a_file_that_does_not_load_is_mended_until_it_does(written: str, meant: str, tmp_path: Path) -> None:
    """Whatever comes to light on the way; the rest stays byte for byte."""
    step = "# ünder\ntriage:\n  - id: up\n    uses: tcp.connect\n    with: {host: a.example.com, port: 1}\n"
    wait = "parameters: {wait: {type: string, default: 5s}}\n"
    assert fixed(tmp_path, HEAD + wait + step + written, *LOADER) == (HEAD + wait + step + meant)


def test_a_misspelt_word_of_those_that_are_known_is_mended(tmp_path: Path) -> None:
    """A kind of step too; what it takes is looked at then."""
    assert fixed(tmp_path, HEAD + TRIAGE.replace("tcp.connect", "tcp.conect"), *LOADER) == HEAD + TRIAGE


@pytest.mark.parametrize(
    "written",
    [
        "    then: steps.up.verdict\n",
        "    timeout: 90\n",
        "    title: a\n    title: b\n",
        "    title: a  # one\n    title: a  # two\n",
        "    timout: 5s\n    timeout: 5s\n",
        "    timout: 5s\n    no_such_key: 1\n",
        "    title: {{ params.wait }}, and {{ params.wait }}\n",
        "    timeout: {{ params.wait }}\n",
        "    expect: yes\n",
    ],
)
def test_what_may_be_meant_otherwise_is_left_to_its_author(written: str, tmp_path: Path) -> None:
    """A file that would not load is not touched, not even in part."""
    text = (
        f"{HEAD}parameters: {{wait: {{type: string, default: 5s}}}}\ntriage:\n  - id: up\n    uses: tcp.connect\n"
        f"    with: {{host: a.example.com, port: 1}}\n{written}"
    )
    assert fixed(tmp_path, text, *LOADER) == text


@pytest.mark.parametrize(
    ("given", "quoted"),
    [
        ("du $A", 'du "$A"'),
        ("du ${A}/x $A", 'du "${A}"/x "$A"'),
        ("rm $A/* | tail > $A", 'rm "$A"/* | tail > "$A"'),
        ("if [ -z $A ]; then echo $A; fi", 'if [ -z "$A" ]; then echo "$A"; fi'),
        ("# it's $A\ndu $A", '# it\'s $A\ndu "$A"'),
    ],
)
def test_a_variable_that_is_one_word_is_quoted(given: str, quoted: str, tmp_path: Path) -> None:
    """Everywhere in the script; in JSON's quotes too."""
    values = {"A": "{{ params.x }}"}
    text = HEAD + PORT + script(given, values)
    assert fixed(tmp_path, text, "RB143") == HEAD + PORT + script(quoted, values)


@pytest.mark.parametrize(
    ("given", "name", "value"),
    [
        ("curl $FLAGS a", "FLAGS", "{{ params.x }}"),
        ("du $A", "A", "{{ params.several }}"),
        ("du $A", "A", "-x {{ params.x }}"),
        ("du $A", "A", "{{ alert.labels.hosts }}"),
        ("$A --all", "A", "{{ params.x }}"),
        ('du "$(cat a/$A)" $A', "A", "{{ params.x }}"),
        ('du "a"$A', "A", "{{ params.x }}"),
        ("printf '%s\\n' $A", "A", "{{ params.x }}"),
        ("set -- $A", "A", "{{ params.x }}"),
        ("du ${A:-a b}", "A", "{{ params.x }}"),
    ],
)
def test_a_variable_that_may_be_several_words_is_not(given: str, name: str, value: str, tmp_path: Path) -> None:
    """Nor one of which it cannot be told what is quoted around it."""
    text = HEAD + PORT + script(given, {name: value})
    assert fixed(tmp_path, text, "RB143") == text


def test_a_variable_in_a_block_is_quoted_where_it_stands(tmp_path: Path) -> None:
    """Comments, indentation and the other lines stay."""
    step = "triage:\n  - id: one\n    uses: shell.run\n    with:\n      effect: read\n"
    step += "      values: {A: '{{ params.x }}'}\n"
    block = "      script: |  # ours\n        set -e\n\n        du -x $A  # ä\n"
    assert fixed(tmp_path, HEAD + PORT + step + block, "RB143") == HEAD + PORT + step + block.replace("$A", '"$A"')


@pytest.mark.parametrize(
    "query",
    [
        RATIO.replace("sum(", "sum by (job) ("),
        RATIO.replace('/ sum(rate(http_total{job="a"}', "/ sum(rate(http_total{}"),
        RATIO.replace("/ sum(rate(http_total", "/ sum(rate(all_total"),
        f"1 - {RATIO}",
    ],
)
def test_a_zero_that_could_hide_a_lost_metric_is_not_added(query: str, tmp_path: Path) -> None:
    """Nor one without labels beside sums that have some."""
    assert fixed(tmp_path, HEAD + asked(query), "RB153") == HEAD + asked(query)


def test_a_zero_is_added_on_top_only(tmp_path: Path) -> None:
    """The query stays what it was otherwise."""
    top, below = RATIO.split(" / ")
    meant = asked(f"({top} or vector(0)) / {below} * 100")
    assert fixed(tmp_path, HEAD + asked(f"{RATIO} * 100"), "RB153") == HEAD + meant


@pytest.mark.parametrize(
    ("argv", "meant"),
    [
        (["docker", "exec", "-it", "a", "ls"], ["docker", "exec", "-i", "a", "ls"]),
        (["sudo", "kubectl", "exec", "-ti", "a", "--", "ls"], ["sudo", "kubectl", "exec", "-i", "a", "--", "ls"]),
        (["kubectl", "exec", "-t", "a", "--", "ls", "-it"], ["kubectl", "exec", "-t", "a", "--", "ls", "-it"]),
        (["apt-get", "install", "a"], ["apt-get", "install", "a"]),
    ],
)
def test_a_terminal_that_is_not_there_is_left_out(argv: list[str], meant: list[str], tmp_path: Path) -> None:
    """Consent is nobody's slip: `-y` is not added."""
    given, wanted = (HEAD + read(*words).replace('"-i"', "-i") for words in (argv, meant))
    assert fixed(tmp_path, given, "RB173") == wanted


def test_names_that_are_not_needed_leave_an_exception(tmp_path: Path) -> None:
    """Two at once; those that are needed and the reason stay."""
    text = f"# lint: allow(RB114, RB101, no-impact, RB115): why\n{HEAD}{TRIAGE}"
    assert fixed(tmp_path, text, "RB100") == f"# lint: allow(RB101, no-impact): why\n{HEAD}{TRIAGE}"


@pytest.mark.parametrize("path", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_document_that_cannot_be_used_can_be_afterwards_or_stays(path: Path) -> None:
    """Whatever is wrong with it, and whatever some of its findings know."""
    try:
        load(path.read_bytes(), kinds.specs(), path=str(path))
    except DocumentError as error:
        for text in mended(error.findings, kinds.specs()).texts.values():
            load(text.encode(), kinds.specs())
