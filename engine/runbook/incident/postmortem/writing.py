"""That a postmortem was written, into which file, with which facts: so that the record says where to find it."""

from __future__ import annotations

import hashlib

from runbook.incident.desk import Desk, by_me, speaking
from runbook.incident.postmortem.blocks import Regenerated
from runbook.incident.records import POSTMORTEM_WRITTEN


def wrote(place: Desk, id_: str, path: str, made: Regenerated) -> None:
    """One record: the file, the SHA-256 of its bytes, and which facts were made anew."""
    digest = hashlib.sha256(made.text.encode()).hexdigest()
    with speaking(place, id_) as (writer, _):
        data = {"path": path, "digest": f"sha256:{digest}", "facts": list(made.changed)}
        writer.append(by_me(place, POSTMORTEM_WRITTEN, data))
