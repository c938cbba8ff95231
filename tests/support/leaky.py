"""A kind of somebody else that lets a secret out of its process by every way there is; and what is to be found of one.

It is installed as any other package is: a folder on the path, with a module and its entry point.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from runbook.core.spellings import SHORTEST, spellings, without_breaks

_SPACE = re.compile(rb"[\s|]|\x1b\[[0-9;?]*[A-Za-z]")

_KIND = """\
import json, logging, sys, threading, warnings
from runbook.core.changes import Observation
from runbook.document.spec import KindSpec
from runbook.document.words import Role
from runbook.errors import Unreachable, UsageError

SPEC = KindSpec(
    name="leak.all",
    summary="Tell a secret to everybody.",
    role=Role.PROBE,
    inputs={"type": "object", "properties": {"secret": {"type": "object"}, "how": {"type": "string"}}},
    outputs={"type": "object", "additionalProperties": False, "properties": {"said": {"type": ["string", "null"]}}},
    timeout="5s",
    example={"id": "leak", "uses": "leak.all", "with": {"secret": {"env": "S"}, "how": "output"}},
)

def describe(inputs):
    return "tell it"

def by_hand(inputs):
    return "echo"

def spelt(secret):
    return " ".join((secret, repr(secret), json.dumps(secret), repr({secret: secret}), secret.encode().hex()))

def observe(inputs, world):
    secret = world.secret(inputs["secret"])
    how = inputs["how"]
    if how == "unreachable":
        raise Unreachable(f"no answer of https://user:{secret}@db: {spelt(secret)}", hint=f"look at {spelt(secret)}")
    if how in ("bug", "usage"):  # of the command itself, outside of any step
        import runbook.cli.driving
        error = UsageError(spelt(secret), hint=spelt(secret)) if how == "usage" else KeyError(spelt(secret))
        runbook.cli.driving.ended_with = lambda *a, **k: raised(error)
    if how == "streams":
        print(spelt(secret)); print(spelt(secret), file=sys.stderr)
        sys.stderr.writelines([spelt(secret), "\\n"])
        logging.warning("%s", spelt(secret))
        warnings.warn(spelt(secret))
        thread = threading.Thread(target=raising, args=(secret,))
        thread.start(); thread.join()
    return Observation(output={"said": spelt(secret)})

def raising(secret):
    raise ValueError(spelt(secret))

def raised(error):
    raise error
"""


def installed(folder: Path) -> Path:
    """The folder, which is to stand on PYTHONPATH, with the kind `leak.all` in it."""
    info = folder / "runbook_leak-1.dist-info"
    info.mkdir(parents=True)
    (folder / "runbook_leak.py").write_text(_KIND)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: runbook-leak\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[runbook.kinds]\nleak.all = runbook_leak\n")
    return folder


def leaked(secret: str, places: dict[str, bytes]) -> list[tuple[str, bytes]]:
    """In which of these texts which spelling of a secret stands; JSON in them is looked through as a reader has it."""
    forms = spellings(secret)
    bare = {form: squeezed for form in forms if len(squeezed := _SPACE.sub(b"", form)) >= SHORTEST}
    found = []
    for name, data in places.items():
        text = without_breaks(data) + b"\0" + "\0".join(_strings(data)).encode()
        broken = _SPACE.sub(b"", text)  # as it may be drawn: in lines that end anywhere, and begin with spaces
        found += [(name, form) for form in forms if form in text or bare.get(form, form) in broken]
    return found


def _strings(data: bytes) -> Iterator[str]:
    for line in data.splitlines():
        try:
            yield from _inside(json.loads(line))
        except (ValueError, UnicodeDecodeError):
            continue


def _inside(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from (name, *_inside(item))
    elif isinstance(value, list):
        for item in value:
            yield from _inside(item)
    elif isinstance(value, str):
        yield value.replace("\n", "").replace("\r", "")
