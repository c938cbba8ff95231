"""What a change says of itself before it is made: a read, done while planning, that becomes part of the request.

For commands and requests that cannot be planned from outside (`terraform apply`, a POST to a deployment tool). What
the preview prints is in the digest: an approval holds for what was shown, and for nothing else. Planned again before
it is applied, another output is another change. A preview that fails refuses the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from runbook.clients import processes
from runbook.clients.outputs import Kept
from runbook.core.changes import Change, Refused
from runbook.core.redrawn import PREVIEW
from runbook.errors import ParameterError, WorldError
from runbook.kinds import command_requests, endings, http_change, http_exchange, invocations
from runbook.kinds.invocations import Invocation
from runbook.kinds.protocol import Inputs, World

if TYPE_CHECKING:
    from runbook.clients.http import HttpClient

KEPT = 64 * 1024  # bytes that are shown and recorded; beyond, the beginning and the end, and the SHA-256 of it all
NOT_SIMULATED = "(not simulated)"

Preview = dict[str, Any]


def joined(change: Change, preview: Preview | None) -> Change:
    """The change with its preview in its request, and so in its digest."""
    if preview is None:
        return change
    return msgspec.structs.replace(change, request={**change.request, PREVIEW: preview})


def of_command(inputs: Inputs, world: World, parse: Callable[[Inputs], Invocation]) -> Preview | Refused | None:
    """Run the step's preview, if it has one. WorldError where it cannot be run to its end."""
    if PREVIEW not in inputs:
        return None
    call = parse(invocations.beside(inputs, _written(inputs)))
    typed = invocations.by_hand(call)
    done = processes.run(
        call.argv,
        env=command_requests.environment(call, world),
        cwd=command_requests.folder(call, world),
        timeout=world.remaining(),
        cancelled=world.cancelled,
        stdin=None if call.stdin is None else call.stdin.encode("utf-8", "surrogateescape"),
        limits=call.limited(),
        mask=world.mask,
        output_cap=KEPT,
        hashed=True,
    )
    if done.timed_out or done.cancelled:
        hint = None if done.cancelled else "give the step a longer timeout"
        raise WorldError(endings.cut_short(f"the preview ({invocations.shortened(typed)})", done), hint=hint)
    if done.exit_code != 0:
        return Refused(reason=f"the preview exited with {done.exit_code}{endings.last_words(done)}")
    return _preview(typed, done.stdout.decode("utf-8", "replace"), done.sha256 if done.stdout_cut else None)


def of_request(inputs: Inputs, client: HttpClient, world: World) -> Preview | Refused | None:
    """Ask for the step's preview, if it has one. Raises as the client does where nobody answers."""
    if PREVIEW not in inputs:
        return None
    asked = http_change.beside(inputs, _written(inputs), client.resolve)
    headers = http_exchange.resolved(asked.get("headers", {}), world)
    response = client.request("GET", asked["url"], timeout=world.remaining(), headers=headers)
    kept = Kept(KEPT, world.mask(), hashed=True)
    kept.add(response.text.encode("utf-8", "replace"))
    text = kept.close().decode("utf-8", "replace")
    if not 200 <= response.status < 300:
        words = " ".join(text.split())
        return Refused(reason=f"the preview answered {response.status}" + (f": {words[:200]}" if words else ""))
    if response.truncated:
        return Refused(reason="the preview is longer than what is read of an answer, so the plan would not be exact")
    return _preview(http_exchange.curl("GET", asked), text, kept.sha256 if kept.truncated else None)


def simulated(inputs: Inputs, given: Any, typed: str) -> Preview | None:
    """What a scenario gives as the preview (`preview: TEXT`); nothing is run."""
    return _preview(typed, str(given or NOT_SIMULATED), None) if PREVIEW in inputs else None


def _written(inputs: Inputs) -> Mapping[str, Any]:
    held = inputs[PREVIEW]
    if not isinstance(held, Mapping):
        raise ParameterError(f"step input 'preview' must be a mapping, got {held!r}")
    return held


def _preview(typed: str, text: str, sha256: str | None) -> Preview:
    whole = {"sha256": sha256} if sha256 is not None else {}
    return {"command": typed, "output": text, **whole}
