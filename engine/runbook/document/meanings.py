"""What the names in a step's texts mean in the document as a whole: `Local` read statically.

The other half, what they yield in a run, is `core/bindings.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from runbook.document.expressions import ExpressionError, parse
from runbook.document.message_templates import message_template
from runbook.document.model import ForEach, Local, Step
from runbook.document.templates import references_of

Path = tuple[str, ...]


def meant(paths: Iterable[Path], local: Local | None) -> frozenset[Path]:
    """Paths that a step's texts refer to, in the names of the whole document."""
    if local is None:
        return frozenset(paths)
    return meant((path for written in paths for path in _one_layer(written, local)), local.outer)


def _one_layer(path: Path, local: Local) -> Iterable[Path]:
    """What one path says in the words of the layer around."""
    name, *further = path
    if name in local.values:
        return ()
    if name == "params" and local.params is not None:
        return references_of(local.params.get(further[0]) if further else local.params)
    if name == "steps" and further:
        return [(name, local.steps.get(further[0], further[0]), *further[1:])]
    return [path]


def read_by(step: Step) -> frozenset[Path]:
    """Every path in a step's inputs, `when`, `expect`, `means` and `for_each`, in the names of the document as a whole.

    A text that cannot be read refers to nothing; lint says so where it stands.
    """
    return meant((path for read, text in _texts(step) for path in _paths(read, text)), step.local)


def _texts(step: Step) -> Iterator[tuple[Callable[[Any], frozenset[Path]], Any]]:
    yield references_of, step.inputs
    yield from _of_loop(step.for_each)
    for entry in step.means:
        yield _of_message, entry.say
    for expression in (step.when, step.expect, *(entry.if_ for entry in step.means)):
        if expression:
            yield _of_expression, expression


def _of_loop(loop: ForEach | None) -> Iterator[tuple[Callable[[Any], frozenset[Path]], Any]]:
    if loop is not None:
        yield _of_expression if isinstance(loop.items, str) else references_of, loop.items
        yield from ((_of_expression, text) for text in (loop.key, loop.order_by) if text)


def _of_expression(text: str) -> frozenset[Path]:
    return parse(text).references


def _of_message(text: str) -> frozenset[Path]:
    return message_template(text).references


def _paths(read: Callable[[Any], frozenset[Path]], text: Any) -> frozenset[Path]:
    try:
        return read(text)
    except ExpressionError:
        return frozenset()
