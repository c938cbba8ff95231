"""Names that both directions share: identifiers, and where a playbook of ours keeps its runbook."""

from __future__ import annotations

import uuid
from typing import Final

_OURS: Final = uuid.uuid5(uuid.NAMESPACE_URL, "https://github.com/runbook-engine/runbook-engine")
SPEC_VERSION: Final = "cacao-2.0"


def identifier(kind: str, *names: str) -> str:
    """`action--<uuid>`: the same for the same names, always."""
    return f"{kind}--{uuid.uuid5(_OURS, '/'.join((kind, *names)))}"


EXTENSION: Final = identifier("extension-definition", "runbook")
CREATOR: Final = identifier("identity", "runbook-engine")
PERSON: Final = identifier("individual", "on-call")
ENGINE: Final = identifier("organization", "runbook-engine")
EPOCH: Final = "1970-01-01T00:00:00.000Z"  # of a runbook that says no day of its review
IMPACTS: Final = {"SEV1": 100, "SEV2": 75, "SEV3": 50, "SEV4": 25}
