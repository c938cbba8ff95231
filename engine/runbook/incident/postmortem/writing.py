"""That a postmortem was written, into which file, with which facts: so that the record says where to find it.

The file is written first, and then its record. Whoever is killed in between leaves a file that nobody recorded: the
next to come finds its facts in no record, and writes that down.
"""

from __future__ import annotations

import hashlib

from runbook.incident.desk import Desk, by_me, records, speaking
from runbook.incident.postmortem.blocks import Regenerated, digests
from runbook.incident.records import POSTMORTEM_WRITTEN
from runbook.journal import Journal


def wrote(place: Desk, id_: str, path: str, made: Regenerated) -> None:
    """One record: the file, the SHA-256 of its bytes, which facts were made anew, and the digests of all."""
    digest = hashlib.sha256(made.text.encode()).hexdigest()
    with speaking(place, id_) as (writer, _):
        data = {"path": path, "digest": f"sha256:{digest}", "facts": list(made.changed), "blocks": digests(made.text)}
        writer.append(by_me(place, POSTMORTEM_WRITTEN, data))


def unrecorded(journal: Journal, id_: str, path: str, text: str) -> tuple[str, ...]:
    """Which facts of a file are in no record of it as they stand there: whoever wrote them was killed before saying so.

    A record of before facts were recorded one by one is taken to be of all of them.
    """
    known: dict[str, str] | None = {}
    for record in records(journal, id_):
        if record.type == POSTMORTEM_WRITTEN and record.data.get("path") == path:
            known = record.data.get("blocks")
    if known is None:
        return ()
    return tuple(name for name, digest in digests(text).items() if known.get(name) != digest)
