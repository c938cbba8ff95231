"""What people are told: messages, channels, who is paged. What customers read weighs more: it cannot be taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from runbook.authoring.diff.fields import changed, told, told_map
from runbook.authoring.diff.meaning import Meaning, Spot, same
from runbook.authoring.diff.sides import Side
from runbook.document.model import Channel, Escalation, Message
from runbook.document.words import Audience


def told_messages(spot: Spot, before: tuple[Message, ...], after: tuple[Message, ...]) -> Iterator[Meaning]:
    """Entries of `communication`: those that stand on both sides word by word mean nothing, wherever they stand."""
    old = [one for one in before if not any(_equal(one, other) for other in after)]
    new = [one for one in after if not any(_equal(one, other) for other in before)]
    for one in list(old):
        twin = next((other for other in new if _alike(one, other)), None)
        if twin is not None:
            old.remove(one)
            new.remove(twin)
            yield from _message(_at(spot, before, after, one, twin), one, twin)
    for one in old:
        sentence = f"the message {_called(one)} is not sent any more"
        yield _at(spot, before, after, one, None).tells("message-changed", sentence, _said(one))
    for one in new:
        code = "customers-told" if _to_customers(spot.world.after, one.to) else "message-changed"
        yield _at(spot, before, after, None, one).tells(code, f"a message {_called(one)} is new", None, _said(one))


def _message(spot: Spot, before: Message, after: Message) -> Iterator[Meaning]:
    was, is_ = _to_customers(spot.world.before, before.to), _to_customers(spot.world.after, after.to)
    code = "customers-told" if is_ else "message-changed"

    def tell(key: str) -> Callable[[Spot, Any, Any], Iterator[Meaning]]:
        def one(here: Spot, old: Any, new: Any) -> Iterator[Meaning]:
            words = changed(f"'{key}' of the message {_called(after)}", old, new)
            yield here.differs("message-changed" if key == "to" and was and not is_ else code, words, old, new)

        return one

    table = {key: tell(key) for key in ("to", "at", "every", "template", "text", "when")}
    yield from told(spot, before, after, table, skip=("id",))


def told_notice(spot: Spot, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Meaning]:
    """The inputs of a step that tells people."""
    code = "customers-told" if _to_customers(spot.world.after, str(after.get("to"))) else "message-changed"
    yield from told_map(spot.at("with"), before, after, {}, code)


def told_escalation(spot: Spot, before: Escalation | None, after: Escalation | None) -> Iterator[Meaning]:
    """Who is paged, when, and who else can help."""
    if after is None or before is None:
        code = "escalation-removed" if after is None else "stricter"
        words = "nobody is paged when nothing helps" if after is None else "somebody is paged when nothing helps"
        yield spot.tells(code, words, before.to if before else None, after.to if after else None)
        return
    if before.after is not None and (after.after is None or after.after > before.after):
        words = "it is paged only at the end" if after.after is None else "it is paged later"
        yield spot.at("after").tells("escalation-changed", words, before.after, after.after)
    elif before.after != after.after:
        yield spot.at("after").tells("stricter", "it is paged sooner", before.after, after.after)
    table = {"to": "escalation-changed", "message": "words-changed", "contacts": "words-changed"}
    yield from told(spot, before, after, table, skip=("after",))


def told_channels(spot: Spot, before: tuple[Channel, ...], after: tuple[Channel, ...]) -> Iterator[Meaning]:
    """Where messages go, and who reads them."""
    old, new = {one.name: one for one in before}, {one.name: one for one in after}
    for name in dict.fromkeys([*new, *old]):
        here = spot.at(name, called=f"channel '{name}'")
        if name not in new:
            yield here.tells("message-changed", f"the channel '{name}' is gone")
        elif name not in old:
            code = "customers-told" if new[name].audience is Audience.CUSTOMERS else "added"
            yield here.tells(code, f"the channel '{name}' is new; {new[name].audience} reads it", None, new[name].type)
        else:
            yield from _channel(here, old[name], new[name])


def _channel(spot: Spot, before: Channel, after: Channel) -> Iterator[Meaning]:
    if before.audience is not after.audience:
        code = "customers-told" if after.audience is Audience.CUSTOMERS else "message-changed"
        sentence = f"who reads '{after.name}' changed"
        yield spot.at("audience").tells(code, sentence, before.audience, after.audience)
    if before.type != after.type:
        yield spot.tells("messages-elsewhere", f"'{after.name}' is another kind of channel", before.type, after.type)
    table = {"timeout": "timing-changed", "headers": "credentials-changed"}
    if not same(before.settings, after.settings):
        yield from told_map(spot.at(after.type), before.settings, after.settings, table, "messages-elsewhere")


def _to_customers(side: Side, name: str) -> bool:
    channels = side.config.channels if side.config is not None else ()
    return any(one.name == name and one.audience is Audience.CUSTOMERS for one in channels)


def _equal(one: Message, other: Message) -> bool:
    return (one.to, one.at, one.every, one.template, one.text, one.when) == (
        other.to,
        other.at,
        other.every,
        other.template,
        other.text,
        other.when,
    )


def _alike(one: Message, other: Message) -> bool:
    """The same moment, or the same words to the same channel: one message that changed."""
    moment = (one.at, one.every) == (other.at, other.every)
    words = (one.template, one.text) == (other.template, other.text)
    return (moment and (one.to == other.to or words)) or (words and one.to == other.to)


def _at(
    spot: Spot, before: tuple[Message, ...], after: tuple[Message, ...], old: Message | None, new: Message | None
) -> Spot:
    places = (
        [before.index(old) if old is not None else len(before)],
        [after.index(new) if new is not None else len(after)],
    )
    one = new or old
    assert one is not None  # noqa: S101 - one side has it
    return spot.parted((places[0][0],), (places[1][0],), f"message {_called(one)}")


def _called(message: Message) -> str:
    when = f"at {message.at}" if message.at else f"every {message.every}"
    return f"to '{message.to}' {when}"


def _said(message: Message) -> str:
    return message.text or f"template {message.template}"
