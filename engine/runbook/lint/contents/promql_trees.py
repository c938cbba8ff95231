"""What a parsed query says: its selectors, what takes series away from its answer, which labels that can have.

Reads the tree that `promql-parser` gives; how a text becomes one, `promql.py` knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

_COMPARISONS: Final = frozenset({"==", "!=", ">", "<", ">=", "<="})
_SETS: Final = frozenset({"and", "unless"})
_OVER_LABELS: Final = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})
# Functions whose answer is there, and a number, also where what they are asked about is not.
_ALWAYS: Final = frozenset({"absent", "absent_over_time", "vector", "scalar", "time"})
_NO_RATE_NEEDED: Final = frozenset({"absent", "timestamp", "group", "count", "count_values"})
_RATES: Final = frozenset({"rate", "irate", "increase"})
_LABELLING: Final = frozenset({"label_replace", "label_join", "info", "absent", "absent_over_time"})
_OPERATORS: Final = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}


class Matcher(msgspec.Struct, frozen=True):
    """`name operator "value"`; the value has its templates as they are written."""

    name: str
    operator: str
    value: str

    @property
    def positive(self) -> bool:
        """Whether it says which series there are, not which are left out."""
        return self.operator in ("=", "=~")


class Selector(msgspec.Struct, frozen=True):
    """A metric with its matchers; `range` is that of the brackets around it, in seconds, with the function over it."""

    metric: str | None
    matchers: tuple[Matcher, ...] = ()
    range: float | None = None
    function: str | None = None
    raw: bool = False


class Filter(msgspec.Struct, frozen=True):
    """A comparison that takes series away: its left side, its operator, and the number on the right if it is one."""

    left: str
    operator: str
    number: float | None


class Query(msgspec.Struct, frozen=True):
    """What is known of a query. `error` says why it is none; all else is empty then.

    `filters`: comparisons on which it depends whether there is an answer. `parts`: selectors of a share of a whole that
    may cease to exist. `labels`: which labels an answer can have; None where that is not known. `bucketless`: a
    quantile is asked of sums without buckets. `summed`: the function that asks how fast a sum of counters grows.
    """

    error: str | None = None
    selectors: tuple[Selector, ...] = ()
    filters: tuple[Filter, ...] = ()
    parts: tuple[Selector, ...] = ()
    labels: frozenset[str] | None = None
    bucketless: bool = False
    summed: str | None = None


def query_of(tree: Any, holes: Mapping[str, str]) -> Query:
    """What a tree says; `holes` are the templates that words of it stand for. RecursionError where it is too deep."""
    return _Reading(holes).of(tree)


def put_back(text: str, holes: Mapping[str, str]) -> str:
    """A text with its templates in the place of the words that stood for them."""
    for mark, hole in holes.items():
        text = text.replace(mark, f"{{{{ {hole} }}}}")
    return text


class _Reading:
    """One tree being read; `holes` are the templates that its words stand for."""

    def __init__(self, holes: Mapping[str, str]) -> None:
        self._holes = holes
        self._selectors: list[Selector] = []
        self._parts: list[Selector] = []
        self._bucketless = False
        self._summed: str | None = None

    def of(self, tree: Any) -> Query:
        labels = self._labels(tree)
        self._walk(tree, raw=True, function=None, seconds=None)
        return Query(
            selectors=tuple(self._selectors),
            filters=tuple(self._filters(tree)),
            parts=tuple(self._parts),
            labels=labels,
            bucketless=self._bucketless,
            summed=self._summed,
        )

    def _text(self, text: str) -> str:
        return put_back(text, self._holes)

    def _walk(self, node: Any, *, raw: bool, function: str | None, seconds: float | None) -> None:
        """Every selector below a node; `raw`: its samples are used as they are, not how fast they change."""
        match _kind(node):
            case "VectorSelector":
                calm = raw and node.offset is None and node.at is None
                self._selectors.append(self._selector(node, seconds, function, raw=calm))
            case "MatrixSelector":
                self._selectors.append(self._selector(node.vector_selector, node.range.total_seconds(), function))
            case "SubqueryExpr":
                self._walk(node.expr, raw=False, function=function, seconds=seconds)
            case "Call":
                name = node.func.name
                self._bucketless = self._bucketless or (name == "histogram_quantile" and self._without_le(node))
                self._summed = self._summed or (name if name in _RATES and _is_sum(node.args[0]) else None)
                for argument in node.args:
                    self._walk(argument, raw=raw and name not in _NO_RATE_NEEDED, function=name, seconds=seconds)
            case "AggregateExpr":
                self._walk(
                    node.expr, raw=raw and str(node.op) not in _NO_RATE_NEEDED, function=function, seconds=seconds
                )
            case "BinaryExpr":
                if str(node.op) == "/":
                    self._part(node)
                self._walk(node.lhs, raw=raw, function=function, seconds=seconds)
                self._walk(node.rhs, raw=raw and str(node.op) not in _SETS, function=function, seconds=seconds)
            case "ParenExpr" | "UnaryExpr":
                self._walk(node.expr, raw=raw, function=function, seconds=seconds)

    def _selector(self, node: Any, seconds: float | None, function: str | None, *, raw: bool = False) -> Selector:
        every = [*node.matchers.matchers, *(one for either in node.matchers.or_matchers for one in either)]
        matchers = [Matcher(m.name, _OPERATORS[str(m.op).rpartition(".")[2]], self._text(m.value)) for m in every]
        metric = node.name or next((m.value for m in matchers if m.name == "__name__" and m.operator == "="), None)
        named = tuple(matcher for matcher in matchers if matcher.name != "__name__")
        return Selector(metric and self._text(metric), named, seconds, function, raw)

    def _filters(self, node: Any) -> Iterator[Filter]:
        match _kind(node):
            case "ParenExpr" | "UnaryExpr" | "AggregateExpr":
                yield from self._filters(node.expr)
            case "Call" if node.func.name not in _ALWAYS:
                for argument in node.args:
                    yield from self._filters(argument)
            case "BinaryExpr":
                operator = str(node.op)
                if operator in _COMPARISONS and not (node.modifier and node.modifier.return_bool):
                    left = self._text(node.lhs.prettify()).strip()
                    yield Filter(left, operator, _number(node.rhs))
                    yield from self._filters(node.lhs)
                elif operator in _SETS:
                    yield from self._filters(node.lhs)
                elif operator == "or" and not _always(node.rhs):
                    yield from self._filters(node.lhs)
                    yield from self._filters(node.rhs)

    def _part(self, node: Any) -> None:
        """The selector on the left of a division by all of the same metric, where nothing stands in for it."""
        left, right = list(self._core(node.lhs)), list(self._core(node.rhs))
        if len(left) != 1 or len(right) != 1 or left[0] is None or right[0] is None:
            return
        part, whole = left[0], right[0]
        if part.metric and part.metric == whole.metric and {*whole.matchers} < {*part.matchers}:
            more = tuple(matcher for matcher in part.matchers if matcher not in whole.matchers)
            self._parts.append(Selector(part.metric, more))

    def _core(self, node: Any) -> Iterator[Selector | None]:
        """The selectors of one side of a division; None where it is more than sums and rates of one."""
        match _kind(node):
            case "VectorSelector":
                yield self._selector(node, None, None)
            case "MatrixSelector":
                yield self._selector(node.vector_selector, None, None)
            case "ParenExpr" | "AggregateExpr":
                yield from self._core(node.expr)
            case "Call" if len(node.args) == 1:
                yield from self._core(node.args[0])
            case _:
                yield None

    def _without_le(self, node: Any) -> bool:
        """Whether a quantile is asked of sums that no longer know their buckets."""
        labels = self._labels(node.args[-1])
        buckets = [one for one in _selected(node.args[-1]) if (one.name or "").endswith("_bucket")]
        return labels is not None and "le" not in labels and bool(buckets)

    def _labels(self, node: Any) -> frozenset[str] | None:
        match _kind(node):
            case "NumberLiteral" | "StringLiteral":
                return frozenset()
            case "ParenExpr" | "UnaryExpr" | "SubqueryExpr":
                return self._labels(node.expr)
            case "AggregateExpr":
                return self._labels_of_aggregate(node)
            case "Call":
                return self._labels_of_call(node)
            case "BinaryExpr":
                return self._labels_of_pair(node)
        return None

    def _labels_of_aggregate(self, node: Any) -> frozenset[str] | None:
        operator, modifier = str(node.op), node.modifier
        if operator in _OVER_LABELS:
            return self._labels(node.expr)
        if modifier is None:
            own: frozenset[str] | None = frozenset()
        elif str(modifier.type).endswith("By"):
            own = frozenset(self._text(label) for label in modifier.labels)
        else:
            inner = self._labels(node.expr)
            own = inner - {*modifier.labels} if inner is not None else None
        if operator == "count_values" and own is not None:
            return None
        return own if own is None or not any("{{" in label for label in own) else None

    def _labels_of_call(self, node: Any) -> frozenset[str] | None:
        if node.func.name in _LABELLING:
            return None
        vectors = [argument for argument in node.args if _kind(argument) not in ("NumberLiteral", "StringLiteral")]
        inner = self._labels(vectors[0]) if vectors else frozenset()
        return inner - {"le"} if inner is not None and node.func.name == "histogram_quantile" else inner

    def _labels_of_pair(self, node: Any) -> frozenset[str] | None:
        left, right = self._labels(node.lhs), self._labels(node.rhs)
        operator, modifier = str(node.op), node.modifier
        if operator == "or":
            return left | right if left is not None and right is not None else None
        if operator in _SETS or _kind(node.rhs) == "NumberLiteral":
            return left
        if _kind(node.lhs) == "NumberLiteral":
            return right
        if modifier is None or modifier.matching is None:
            return left if left is not None else right
        return None


def _kind(node: Any) -> str:
    return type(node).__name__


def _number(node: Any) -> float | None:
    match _kind(node):
        case "NumberLiteral":
            return float(node.val)
        case "ParenExpr":
            return _number(node.expr)
        case "UnaryExpr":
            number = _number(node.expr)
            return None if number is None else -number
    return None


def _always(node: Any) -> bool:
    """Whether something is there in any case: `vector(0)`, `absent(…) * 0`."""
    match _kind(node):
        case "NumberLiteral":
            return True
        case "Call":
            return node.func.name in ("vector", "scalar", "time")
        case "ParenExpr" | "UnaryExpr":
            return _always(node.expr)
        case "BinaryExpr":
            return str(node.op) not in _COMPARISONS | _SETS and _always(node.lhs) and _always(node.rhs)
    return False


def _is_sum(node: Any) -> bool:
    """Whether a range is made of what was added up before."""
    match _kind(node):
        case "SubqueryExpr" | "ParenExpr":
            return _is_sum(node.expr)
    return _kind(node) == "AggregateExpr"


def _selected(node: Any) -> Iterator[Any]:
    match _kind(node):
        case "VectorSelector":
            yield node
        case "MatrixSelector":
            yield node.vector_selector
        case "Call":
            for argument in node.args:
                yield from _selected(argument)
        case "ParenExpr" | "UnaryExpr" | "AggregateExpr" | "SubqueryExpr":
            yield from _selected(node.expr)
        case "BinaryExpr":
            yield from _selected(node.lhs)
            yield from _selected(node.rhs)
