"""Whatever a secret is, and however it is spelt, cut and wrapped: it is found nowhere at the ends of a run.

The ends are what a process prints through our reader, what a whole run leaves on the disk, what is exported of it, and
what people are shown. Each example plants every spelling that is looked for; the examples are few and bounded.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from runbook.cli.main import carried_out
from runbook.clients import processes
from runbook.core.masking import MASK, Masker
from runbook.core.spellings import spellings
from runbook.errors import Exit
from runbook.hosts.ports import exit_of
from runbook.report.lines import Lines
from runbook.report.live import LiveView
from runbook.report.style import Style
from support.crash import place
from support.leaky import leaked
from support.peers import peer, response

pytestmark = [pytest.mark.integration, pytest.mark.fault(61)]

RUN = place.run_id(61)
ONCE = (Phase.explicit, Phase.reuse, Phase.generate)  # an example is slow: the first that fails is shown as it is

# What programs quote, escape and encode, beside letters of several alphabets; never the mask itself.
letters = st.sampled_from("aZ09_-.,:;/\\\"'`$&<>(){}[]%+=~ \tßéЖ漢😀")
values = st.text(letters, min_size=8, max_size=24).filter(lambda text: len(set(text.strip())) >= 6)
keys = st.lists(values, min_size=2, max_size=3).map("\n".join)
secrets = st.lists(st.one_of(values, keys), min_size=1, max_size=2, unique=True)


@st.composite
def outputs(draw: st.DrawFn) -> tuple[list[str], list[bytes]]:
    """Secrets, and all their spellings in some order, with anything around them, in chunks that end anywhere."""
    planted = draw(secrets)
    forms = draw(st.permutations(sorted(form for secret in planted for form in spellings(secret))))
    wide = draw(st.sampled_from([0, 7, 76]))
    text = draw(st.sampled_from([b"\n", b"|", b" = ", b""])).join(
        b"\r\n".join(form[at : at + wide] for at in range(0, len(form), wide)) if wide else form for form in forms
    )
    cuts = [0, *sorted(draw(st.lists(st.integers(0, len(text)), max_size=30))), len(text)]
    return planted, [text[start:stop] for start, stop in pairwise(cuts)]


def printed(chunks: Sequence[bytes], folder: Path) -> list[str]:
    """A command that writes each of these by itself, to both of its outputs."""
    for number, chunk in enumerate(chunks):
        (folder / f"{number:06}").write_bytes(chunk)
    return ["sh", "-c", f'cd "{folder}"; for file in *; do cat "$file"; cat "$file" >&2; done']


@settings(max_examples=8, deadline=None, phases=ONCE, suppress_health_check=[HealthCheck.too_slow])
@given(said=outputs(), cap=st.sampled_from([64, 4096, 1 << 20]))
def test_no_output_of_a_real_process_holds_a_secret(said: tuple[list[str], list[bytes]], cap: int) -> None:
    """However its writes fall, and wherever what is kept of them is cut."""
    planted, chunks = said
    masker = Masker(planted)
    with tempfile.TemporaryDirectory(prefix="chunks-") as folder:
        done = processes.run(
            printed(chunks, Path(folder)),
            env=os.environ,
            cwd=Path.cwd(),
            timeout=30,
            cancelled=lambda: False,
            output_cap=cap,
            mask=masker.stream,
        )
    assert done.exit_code == 0
    assert MASK.encode() in done.stdout
    for secret in planted:
        assert leaked(secret, {"stdout": done.stdout, "stderr": done.stderr}) == []


CONFIG = """\
apiVersion: runbook/v1
kind: Config
library: [.]
store: sqlite:///.runbook/journal.db
channels:
  team: {file: {path: team.md}}
"""
RUNBOOK = """\
apiVersion: runbook/v1
kind: Runbook
name: queue
title: Everything tells it
parameters:
  typed: {type: string, default: none}
triage:
  - {id: get, uses: http.get, with: {url: URL, headers: {X-Token: {file: s0}}}, expect: "true"}
  - {id: broken, uses: http.get, with: {url: URL/broken}, expect: "true"}
  - {id: says, uses: command.run, with: {argv: [bin/says, "0"], effect: read, env: ENV}, expect: "true"}
resolution:
  - id: again
    title: Tell it again
    steps:
      - id: fails
        uses: command.run
        with:
          argv: [bin/says, "7", "{{ steps.says.stdout }} {{ params.typed }}"]
          env: ENV
          preview: {argv: [bin/says, "0"]}
          undo: {argv: [bin/says, "0", "{{ params.typed }}"]}
verification:
  within: 2s
  every: 1s
  checks: [{id: fine, uses: command.run, with: {argv: [bin/says, "0"], effect: read, env: ENV}, expect: exit_code == 0}]
communication:
  - {at: finished, to: team, text: "{{ steps.says.stdout }} {{ steps.fails.stderr }} {{ steps.get.body }}"}
"""
SAYS = """#!/bin/sh
printf "%s\\n" "$S0" "$S1" "$2"
[ "$1" = 0 ] || cat forms
cat forms >&2
printf "%s" "$S0" >&2
exit "$1"
"""


def made(folder: Path, planted: Sequence[str], url: str) -> place.Project:
    """A project of steps that know the secrets and print them in all their spellings."""
    names = ", ".join(f"S{number}: {{file: s{number}}}" for number in range(len(planted)))
    text = RUNBOOK.replace("ENV", f"{{{names}}}").replace("URL", url)
    place.project(folder, runbook=text, config=CONFIG)
    for number, secret in enumerate(planted):
        (folder / f"s{number}").write_bytes(secret.encode() + b"\n")
        (folder / f"s{number}").chmod(0o600)
    (folder / "forms").write_bytes(b"\n".join(sorted(form for secret in planted for form in spellings(secret))))
    (folder / "bin" / "says").write_text(SAYS)
    (folder / "bin" / "says").chmod(0o755)
    return place.opened(folder)


def typed(*words: str) -> bytes:
    """What a command prints, to both streams, for somebody who knows no secret."""
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        assert carried_out(list(words)) == 0, out.getvalue()
    return out.getvalue().encode()


def ends(of: place.Project, seen: place.Unseen) -> dict[str, bytes]:
    """All that a run has left and all that is shown of it."""
    narrow = Style(width=44, colour=True, live=True)
    lines, live = io.StringIO(), io.StringIO()
    with LiveView(live, narrow, lambda: seen.records[-1].time) as view:
        for watcher in (Lines(lines, narrow), view):
            for record in seen.records:
                watcher.record(record)
    of.journal.close()
    files = {str(path): path.read_bytes() for path in of.root.glob(".runbook/**/*") if path.is_file()}
    with chdir(of.root):
        told = {
            " ".join(words): typed(*words)
            for words in (
                ("log", "show", RUN),
                ("log", "show", RUN, "--output", "jsonl"),
                ("log", "export", RUN),
                ("audit", "export"),
                ("watch", RUN),
            )
        }
    shown = {"lines": lines.getvalue().encode(), "live": live.getvalue().encode()}
    return {**files, **told, **shown, "message": (of.root / "team.md").read_bytes()}


@settings(max_examples=3, deadline=None, phases=ONCE, suppress_health_check=[HealthCheck.too_slow])
@given(planted=secrets)
def test_no_end_of_a_run_holds_a_secret(planted: list[str]) -> None:
    """The store's bytes and payloads, messages, exports, the record and the run as they are shown, gates and all."""
    said = b"\n".join(sorted(form for secret in planted for form in spellings(secret)))
    broken = response(503, said, x_said=planted[0].encode("unicode_escape").decode("ascii"))
    with (
        tempfile.TemporaryDirectory(prefix="secrets-") as folder,
        peer(
            lambda conn, asked: conn.sendall(broken if b"/broken" in asked else response(body=said + asked))
        ) as server,
    ):
        of = made(Path(folder) / "p", planted, server.url)
        for number in range(len(planted)):  # a secret is masked from when it is known
            of.place.secrets.resolve({"file": f"s{number}"})
        seen = place.Unseen()
        ended = place.begin(of, RUN, watcher=seen, parameters={"typed": planted[0].splitlines()[0]})
        assert exit_of(ended) is Exit.NOT_RESOLVED
        found = {name: data for name, data in ends(of, seen).items() if data}
        assert any(MASK.encode() in data for data in found.values())
        assert [leak for secret in planted for leak in leaked(secret, found)] == []
