"""A regime as a frozen type: one law, contract or rule of one's own that asks for reports within a time.

Field names are the YAML keys (`from` is `from_`, `except` is `except_`). Whether a regime applies is asked in words and
answered by people; nothing here decides it. `ObligationSettings` is what a project's configuration says about them.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class _Struct(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"from_": "from", "except_": "except"}
):
    pass


class Standing(StrEnum):
    """What a regime is: law, a proposal of one, hours that a contract sets, or a rule of one's own."""

    IN_FORCE = "in_force"
    PROPOSED = "proposed"
    USER_SET = "user_set"
    POLICY = "policy"


class Counting(StrEnum):
    """How a time is counted; `docs/obligations.md` says each in words."""

    ELAPSED = "elapsed"
    EU = "eu_1182_71"
    CALENDAR_DAYS = "calendar_days"
    BUSINESS_DAYS = "business_days"
    SEC = "sec_business_days"


class Origin(_Struct, frozen=True, kw_only=True):
    """Where a regime is written down."""

    title: str
    url: str | None = None


class Limit(_Struct, frozen=True, kw_only=True):
    """One time limit, from one anchor. Exactly one of `hours days business_days months aim` is set.

    `aim`: the rule names no number, and these hours are only when we begin to nag. `hours_for`: other hours for kinds
    of entities. `after: year_end`: counted from the end of the anchor's year. `unless_later`: the limit lapses once
    that anchor comes after it.
    """

    from_: str
    hours: int | None = None
    days: int | None = None
    business_days: int | None = None
    months: int | None = None
    aim: int | None = None
    hours_for: dict[str, int] = {}
    after: str | None = None
    unless_later: str | None = None


class Roll(_Struct, frozen=True, kw_only=True):
    """A deadline on a weekend or a public holiday moves to noon of the next working day, except for some entities."""

    to: str
    except_: tuple[str, ...] = ()


class Item(_Struct, frozen=True, kw_only=True):
    """Something that a report must say. `late`: only where it comes after its deadline."""

    id: str
    text: str
    help: str | None = None
    late: bool = False


class Report(_Struct, frozen=True, kw_only=True):
    """One report: what, to whom, within which limits (the earliest holds), and what it must say.

    With a `condition` it is judged by itself, also where the regime applies. `phases`: what is missing may follow.
    `updates`: it may be filed again, and what counts from it counts from the last.
    """

    id: str
    title: str
    to: str
    limits: tuple[Limit, ...]
    article: str | None = None
    condition: str | None = None
    counting: Counting = Counting.ELAPSED
    rolls: Roll | None = None
    phases: bool = False
    updates: bool = False
    information: tuple[Item, ...] = ()
    note: str | None = None


class Regime(_Struct, frozen=True, kw_only=True):
    """A regime of one version: in force from a day until another (not included), None: without end."""

    name: str
    title: str
    status: Standing
    source: Origin
    valid_from: str
    valid_until: str | None = None
    questions: tuple[str, ...]
    anchors: dict[str, str]
    reports: tuple[Report, ...]
    note: str | None = None

    def report(self, id_: str) -> Report | None:
        """The report of an id; None where there is none."""
        return next((one for one in self.reports if one.id == id_), None)


class Own(_Struct, frozen=True, kw_only=True):
    """What a project sets of a regime whose time is not the law's: hours or business days, and where that stands."""

    hours: int | None = None
    business_days: int | None = None
    contract: str | None = None


class Holidays(_Struct, frozen=True, kw_only=True):
    """Whose public holidays count: a country by its code, with a subdivision, and days of one's own."""

    country: str | None = None
    subdivision: str | None = None
    dates: tuple[str, ...] = ()


class ObligationSettings(_Struct, frozen=True, kw_only=True):
    """What a project says of its obligations. `scope` None: every regime that can apply is asked about."""

    scope: tuple[str, ...] | None = None
    files: tuple[str, ...] = ()
    regimes: dict[str, Own] = {}
    holidays: Holidays = Holidays()
    zone: str | None = None
    entity: tuple[str, ...] = ()
