"""RB171: a link that opens on one machine only."""

from __future__ import annotations

import pytest

from support.contents import VERIFIED, read
from support.rulings import findings, said

LINKS = "links: [{{title: A, url: '{}'}}]\n"


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("http://localhost:3000/d", 1),
        ("https://ada@127.0.0.1/", 1),
        ("http://[::1]:80/", 1),
        ("file:///home/ada/notes.md", 1),
        ("https://localhost.acme.io/", 0),
        ("https://grafana.internal/?next=http://localhost/", 0),
        ("mailto:sre@acme.io", 0),
    ],
)
def test_a_link_opens_for_everybody(url, found):
    """Not through somebody's own port-forward."""
    assert len(said("RB171", LINKS.format(url), read("a"))) == found


def test_links_of_options_and_steps_are_looked_at():
    """Each in its place."""
    link = "links: [{title: A, url: 'http://localhost/'}]"
    step = f"{{id: d, uses: manual.do, {link}, with: {{text: Do.}}}}"
    found = findings("RB171", f"resolution:\n  - id: o\n    {link}\n    steps:\n      - {step}\n", VERIFIED)
    assert [one.line for one in found] == [7, 9]
