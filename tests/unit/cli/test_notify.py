"""`runbook notify` and `runbook incident remind`: what is typed, what is shown before it goes, and what goes."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest

from runbook.cli import incident_declare as declaring
from runbook.cli import incident_remind as reminding
from runbook.cli import incident_show as showing
from runbook.cli import notify
from runbook.cli.overview import overview
from runbook.errors import Exit, Refused, StoreError, UsageError
from runbook.incident import telling
from runbook.incident.messages import Messages, messages
from support.services import Slack, Statuspage
from support.sessions import Heard, session

CONFIG = """\
apiVersion: runbook/v1
kind: Config
store: sqlite:///.runbook/journal.db
channels:
  here: {console: {}}
  log: {file: {path: team.md}}
  page: {file: {path: page.md}, audience: customers}
"""


class Typed(StringIO):
    """A keyboard with somebody at it."""

    def isatty(self) -> bool:
        return True


def declared(folder: Path, config: str = CONFIG, *, token: str = "", **said: object) -> Heard:
    (folder / "runbook.yaml").write_text(config)
    heard = session(folder, environ={"TOKEN": token})
    fields = {"title": "Checkout is down", "severity": "SEV1", "type": "Service", "output": "json", **said}
    declaring.declare(heard, declaring.Options(**fields))  # type: ignore[arg-type]
    heard.err.truncate(0)
    heard.err.seek(0)
    return heard


def told(heard: Heard, incident: str = "INC-1") -> Messages:
    return messages(heard.place.journal.read(f"incident/{incident}"))


def test_without_flags_the_team_is_told_what_is_due(tmp_path: Path) -> None:
    """Shown before it goes, then sent; the second time it is an update."""
    heard = declared(tmp_path)
    assert notify.notify(heard, notify.Options("1")) == Exit.OK
    said = heard.err.getvalue()
    assert said.index("To log (file), read by the team") < said.index("INC-1 to log: sent")
    notify.notify(heard, notify.Options("1", message="rolling back"))
    assert [(one.channel, one.kind, one.status) for one in told(heard).all] == [
        ("here", "initial", "sent"),
        ("log", "initial", "sent"),
        ("here", "update", "sent"),
        ("log", "update", "sent"),
    ]
    assert "rolling back" in (tmp_path / "team.md").read_text()
    assert not (tmp_path / "page.md").exists()


def test_a_dry_run_shows_all_and_does_nothing(tmp_path: Path) -> None:
    """For people and for scripts."""
    heard = declared(tmp_path)
    options = notify.Options("1", to=("log", "page"), public="Payments fail.", dry_run=True)
    assert notify.notify(heard, options) == Exit.OK
    said = heard.err.getvalue()
    assert "read by CUSTOMERS" in said and "  | Payments fail." in said and "nothing was sent" in said
    notify.notify(heard, options._replace(output="json"))
    assert [(one["channel"], one["audience"]) for one in heard.json["messages"]] == [
        ("log", "team"),
        ("page", "customers"),
    ]
    assert told(heard).all == ()
    assert not (tmp_path / "team.md").exists()


def test_customers_are_asked_for(tmp_path: Path) -> None:
    """On a terminal with a question, off it with a flag; a no sends nothing to anybody."""
    heard = declared(tmp_path)
    options = notify.Options("1", to=("log", "page"), public="Payments fail.")
    with pytest.raises(UsageError, match=r"customers would read this through page.*--yes"):
        notify.notify(heard, options)
    heard.stderr = heard.err = Typed()
    heard.stdin = Typed("no\n")
    with pytest.raises(Refused, match="nothing was sent"):
        notify.notify(heard, options)
    assert told(heard).all == ()
    heard.stdin = Typed("yes\n")
    assert notify.notify(heard, options) == Exit.OK
    assert (tmp_path / "page.md").read_text().startswith("Payments fail.\n")
    assert heard.place.journal.head("incident/INC-1") is not None


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"to": ("pgae",)}, "did you mean 'page'"),
        ({"to": ("page",)}, "has no text for customers"),
        ({"template": "updaet"}, "no templates/updaet.md"),
        ({"template": "resolution"}, "is not resolved"),
        ({"next": "soon"}, "write 15m"),
        ({"given": ("next steps",)}, "is not NAME=TEXT"),
        ({"status": "fixed"}, "no status 'fixed'"),
        ({"next": "0s"}, "nobody can write so soon"),
        ({"template": "../README"}, "is no name of a template"),
        ({"message": "  "}, "--message is empty"),
        ({"message": ""}, "--message is empty"),
        ({"incident": "INC-9"}, "no incident INC-9"),
    ],
)
def test_what_cannot_be_meant_is_an_error_and_sends_nothing(
    tmp_path: Path, wrong: dict[str, object], says: str
) -> None:
    """Each says what to write instead."""
    heard = declared(tmp_path)
    with pytest.raises(UsageError, match=says):
        notify.notify(heard, notify.Options(**{"incident": "INC-1", **wrong}))  # type: ignore[arg-type]
    assert told(heard).all == ()


def test_what_is_kept_back_is_said_and_has_its_own_exit_code(tmp_path: Path) -> None:
    """A confidential incident: 8, with the reason in the record; the own terminal is told."""
    heard = declared(tmp_path, type="Security", public="x")
    assert notify.notify(heard, notify.Options("1", to=("log", "page"), yes=True, output="json")) == Exit.BLOCKED
    assert [(one["status"], one["error"]["code"]) for one in heard.json["messages"]] == [
        ("suppressed", "confidential")
    ] * 2
    assert notify.notify(heard, notify.Options("1")) == Exit.OK
    assert "CONFIDENTIAL" in heard.err.getvalue() and "TLP:AMBER+STRICT" in heard.err.getvalue()
    assert not (tmp_path / "team.md").exists()


def test_what_is_confidential_is_told_by_those_whom_it_names_or_who_ask_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message is shown before it goes, and would say on anybody's screen what `show` does not."""
    heard = declared(tmp_path, type="Security")
    monkeypatch.setattr("runbook.incident.confidence.may_see", lambda *_: False)
    with pytest.raises(Refused, match="INC-1 is confidential"):
        notify.notify(heard, notify.Options("1", dry_run=True))
    assert "Checkout" not in heard.err.getvalue() and not told(heard).all
    notify.notify(heard, notify.Options("1", dry_run=True, confidential=True))
    assert "Checkout is down" in heard.err.getvalue()


def test_what_somebody_left_behind_goes_first_and_what_is_said_now_follows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first message of a sender that was killed is the first one still; nobody has to type a second time."""
    with Slack().running() as server:
        config = (
            CONFIG + f'  chat: {{slack: {{token: {{env: TOKEN}}, channel: "#incidents", url: "{server.url}/api"}}}}\n'
        )
        heard = declared(tmp_path, config, token=server.token)
        place, asked = heard.place, notify.Options("1", to=("chat",))
        telling._intended(place, "INC-1", notify._composer(heard, asked), None, None)
        monkeypatch.setattr("runbook.incident.messages.OVER", -1.0)  # and its sender is gone since
        assert notify.notify(heard, asked._replace(message="rolling back")) == Exit.OK
        first, second = server.messages.values()
    assert "rolling back" in second["text"] and first["thread"] is None
    assert second["thread"] == next(iter(server.messages))
    assert [(one.kind, one.status) for one in told(heard).all] == [("initial", "sent"), ("update", "sent")]


def test_what_did_not_get_out_is_said_and_has_its_own_exit_code(tmp_path: Path) -> None:
    """4: nobody knows who was told; the other channels were."""
    config = CONFIG + "  hook: {webhook: {url: 'http://127.0.0.1:1/x'}}\n"
    heard = declared(tmp_path, config.replace("127.0.0.1:1/x", "no-such-host.invalid/x"))
    heard.project.place.channels  # noqa: B018 - opened before time stands still
    import runbook.messages.outbox as out

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(out, "FIRST", 0.0)
        patch.setattr(out.Outbox.__init__, "__kwdefaults__", {**out.Outbox.__init__.__kwdefaults__, "limit": 0.5})
        assert notify.notify(heard, notify.Options("1")) == Exit.UNDETERMINED
    assert "INC-1 to hook: not sent" in heard.err.getvalue()
    assert [one.status for one in told(heard).all] == ["sent", "sent", "failed"]


def test_secrets_never_stand_in_what_is_shown_or_recorded(tmp_path: Path) -> None:
    """A token in a message's text, in a template's value, in the words of a service."""
    with Statuspage().running() as server:
        page = f"statuspage: {{page: p1, token: {{env: TOKEN}}, url: '{server.url}/v1'}}"
        heard = declared(
            tmp_path, CONFIG.replace("file: {path: page.md}", page), token="sp-token", public="Payments fail"
        )
        assert notify.notify(heard, notify.Options("1", to=("page", "log"), message="sp-token", yes=True)) == Exit.OK
        raw = b"".join(heard.place.journal.raw("incident/INC-1", after=0))
        assert b"message.sent" in raw
        assert b"sp-token" not in raw
        assert "sp-token" not in (tmp_path / "team.md").read_text() + heard.err.getvalue()


def test_a_reminder_is_sent_once_and_told_to_scripts(tmp_path: Path) -> None:
    """`remind` looks at all that is open; what is not due is not said."""
    heard = declared(tmp_path)
    assert reminding.remind(heard, reminding.Options()) == Exit.OK
    assert "nothing is due" in heard.err.getvalue()
    journal = heard.place.journal
    now = journal.now()
    journal._clock = lambda: now + 301
    reminding.remind(heard, reminding.Options(dry_run=True, output="json"))
    [due] = heard.json["reminders"]
    assert (due["incident"], due["about"], due["to"]) == ("INC-1", "update", "communications")
    assert told(heard).reminded == frozenset()
    assert reminding.remind(heard, reminding.Options(output="jsonl")) == Exit.OK
    assert [one["status"] for one in heard.json["messages"]] == ["sent", "sent"]
    reminding.remind(heard, reminding.Options(output="json"))
    assert heard.json["reminders"] == []
    assert told(heard).reminded == {due["key"]}


def test_watching_goes_on_until_it_is_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends it with the code of an interruption; each round looks anew, also after one that could not."""
    heard = declared(tmp_path)
    journal = heard.place.journal
    start, rounds = journal.now(), []

    def wait(self: object, seconds: float) -> None:
        rounds.append(seconds)
        journal._clock = lambda: start + 301 * len(rounds)
        if len(rounds) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("threading.Event.wait", _only_here(wait))
    real = reminding._once

    def away(*given: object) -> Exit:
        if len(rounds) == 1:
            raise StoreError("the store is away")
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(reminding, "_once", away)
    assert reminding.remind(heard, reminding.Options(watch=True, every="1m")) == Exit.INTERRUPTED
    assert rounds == [60.0] * 3
    assert "the store is away" in heard.err.getvalue()
    assert (tmp_path / "team.md").read_text().count("REMINDER INC-1") == 1


def _only_here(wait: object) -> object:
    """Only the command's own pause: threads of the outbox wait as ever."""
    import threading

    real = threading.Event.wait

    def chosen(self: threading.Event, timeout: float | None = None) -> bool:
        if timeout == 60.0:
            wait(self, timeout)  # type: ignore[operator]
            return False
        return real(self, timeout)

    return chosen


@pytest.mark.parametrize("every", ["soon", "100ms"])
def test_how_often_is_a_duration_of_a_second_at_least(tmp_path: Path, every: str) -> None:
    """A typing error must not hammer a store."""
    with pytest.raises(UsageError, match="write 30s"):
        reminding.remind(declared(tmp_path), reminding.Options(watch=True, every=every))


def test_nothing_recorded_yet_is_nothing_due(tmp_path: Path) -> None:
    """Cron may begin before the first incident; no store is made for it."""
    heard = session(tmp_path)
    assert reminding.remind(heard, reminding.Options(output="json")) == Exit.OK
    assert json.loads(heard.out.getvalue())["reminders"] == []
    assert not (tmp_path / ".runbook").exists()


def test_an_incident_shows_what_was_said_and_when_the_next_is_due(tmp_path: Path) -> None:
    """At a glance for people, all of it for scripts; nothing is due when it is over."""
    heard = declared(tmp_path)
    notify.notify(heard, notify.Options("1", to=("log",), next="10m"))
    showing.show(heard, showing.Options("1"))
    said = heard.out.getvalue()
    assert "initial to log: sent" in said and "next due" in said
    showing.show(heard, showing.Options("1", output="json"))
    assert [(one["channel"], one["status"]) for one in heard.json["messages"]] == [("log", "sent")]
    assert heard.json["next_update"] is not None


def test_the_first_screen_says_that_an_update_is_overdue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever only types `runbook` sees it."""
    heard = declared(tmp_path)
    overview(heard)
    assert "overdue" not in heard.out.getvalue()
    now = heard.place.journal.now()
    monkeypatch.setattr("runbook.hosts.clock.wall", lambda: now + 420)
    overview(heard)
    assert "(an update is overdue since 2m)" in heard.out.getvalue()
