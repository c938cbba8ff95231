"""What a watcher is told later: all of it, in order, once."""

from __future__ import annotations

from typing import Any

from runbook.hosts.news import News


class Told:
    """A watcher that writes down what it is told."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def record(self, record: Any) -> None:
        self.heard.append(record)

    def performing(self, command: Any) -> None:
        self.heard.append(command)

    def held(self, what: str) -> None:
        self.heard.append(what)


def test_news_is_kept_until_it_is_shown_and_told_in_order_once() -> None:
    """Nothing is drawn while a step gets going, and nothing is drawn twice."""
    told = Told()
    news = News(told)
    news.record("a record")  # type: ignore[arg-type]
    news.held("a target")
    news.performing("a command")  # type: ignore[arg-type]
    assert told.heard == []
    news.show()
    news.show()
    assert told.heard == ["a record", "a target", "a command"]
