"""What the answer of a step's `confirm` command says: the change is there, it is not, or nobody can tell.

*Not applied* is the dangerous word: it sends the change a second time. Exit 1 is what nearly every program says of any
trouble at all (kubectl of a cluster out of reach), so that by itself it means *not there* only where the command had
nothing to complain of. Where the runbook says in `expect` what to look for, an answer has to be one all the same: an
exit code other than 0 that `expect` does not look at tells that the question failed, not what the answer is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runbook.core import exits
from runbook.document.expressions import Unknown, parse

EXPECT = "expect"
UNANSWERED = 126  # 126 and 127: a shell could not run it; 128 + N: signal N ended it
_TEXTS = frozenset({("stdout",), ("stderr",)})


def applied(question: Mapping[str, Any], output: Mapping[str, Any]) -> tuple[bool | None, str]:
    """Whether the change is there by what the question `{…, expect}` put out, None for cannot tell; and why."""
    code = output["exit_code"]
    if code >= UNANSWERED:
        return None, f"the `confirm` command exited with {code}: it could not be run to its end"
    if EXPECT in question:
        return _expected(str(question[EXPECT]), output)
    if code == 0:
        return True, "the `confirm` command says so"
    if code != 1:
        return None, f"the `confirm` command exited with {code}, neither 0 nor 1"
    if output["stderr"].strip():
        return None, f"the `confirm` command exited with 1 and complained{_last_words(output['stderr'])}"
    return False, "the `confirm` command says so"


def _expected(expect: str, output: Mapping[str, Any]) -> tuple[bool | None, str]:
    expression = parse(expect)
    if exits.failed(output) and not exits.looks_at_exit(expression):
        why = f"exited with {output['exit_code']}, which its `expect` does not look at{_last_words(output['stderr'])}"
        return None, f"the `confirm` command {why}"
    if output["truncated"] and expression.references & _TEXTS:
        return None, "the `confirm` command said more than is kept of an output"
    names = {name: output[name] for name in ("exit_code", "stdout", "stderr")}
    try:
        return expression.truth(names), f"the `confirm` command says so: {expect}"
    except Unknown as unknown:
        return None, f"the `expect` of the `confirm` command cannot tell: {unknown.reason}"


def _last_words(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    return f": {lines[-1][:200]}" if lines else ""
