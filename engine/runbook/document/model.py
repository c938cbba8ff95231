"""The documents as frozen types: what the loader gives, and all that the engine ever sees of a file.

Built by `document.load` after the schema has said yes, so nothing here validates again. Field names are the
YAML keys (`with` is `inputs`). Durations are seconds. Strings under `inputs`, `message` and
`text` may be templates; `when`, `expect` are bare expressions; neither is compiled here.
"""

from __future__ import annotations

import posixpath
from typing import Any

import msgspec

from runbook.document.durations import Duration
from runbook.document.regime import ObligationSettings
from runbook.document.words import (
    Audience,
    Declaring,
    Moment,
    NotHelped,
    OnFailure,
    Sealed,
    Series,
    StepOnFailure,
    Unreviewed,
    Votes,
)

API_VERSION = "runbook/v1"

Value = Any  # JSON: None, bool, int, float, str, list[Value], dict[str, Value]


class _Struct(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"inputs": "with"}):
    pass


class Link(_Struct, frozen=True, kw_only=True):
    """A place to look, shown in `show` and in rendered pages."""

    title: str
    url: str


class Parameter(_Struct, frozen=True, kw_only=True, rename={"min_length": "minLength", "max_length": "maxLength"}):
    """A parameter, in JSON Schema's words. Without `default` it must be given."""

    type: str
    description: str | None = None
    default: Value | msgspec.UnsetType = msgspec.UNSET
    enum: tuple[Value, ...] | None = None
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    items: dict[str, Value] | None = None
    from_alert: str | None = None
    secret: bool = False
    examples: tuple[Value, ...] = ()

    @property
    def required(self) -> bool:
        """True when it must be given, by a flag, a file or the alert."""
        return self.default is msgspec.UNSET


class Retry(_Struct, frozen=True, kw_only=True):
    """How a read is tried again. `attempts` counts all tries."""

    attempts: int = 1
    delay: Duration = Duration(1.0)
    backoff: float = 2.0
    max_delay: Duration = Duration(60.0)
    jitter: float = 0.1


class Output(_Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """One declared output: a value that is read out of a kind's outputs. Exactly one of the first four is set.

    `json` is a path into the text `from_`, parsed; `path` one into the kind's outputs, or into `from_`; `regex` is
    RE2, its first group or the whole match; `line` counts from 1, or from -1 at the end. `from_` None is the kind's
    text. Without `default` it must be there.
    """

    json: str | None = None
    path: str | None = None
    regex: str | None = None
    line: int | None = None
    from_: str | None = None
    type: str | None = None
    default: Value | msgspec.UnsetType = msgspec.UNSET


class Until(_Struct, frozen=True, kw_only=True):
    """A probe is observed again, `every` so often, until it passes or `within` is over."""

    within: Duration
    every: Duration = Duration(10.0)


class Local(_Struct, frozen=True, kw_only=True):
    """Names that one step's texts see otherwise than the document's. The engine makes it; authors never write it.

    `values` are names of plain data, such as a loop's item. `params`, if set, are templates that stand in the place
    of the run's parameters, written in the names of `outer` (None: of the document); `accepts` says which values
    they take. `steps` maps the ids that the step's texts use to the ids that the steps have there.
    """

    values: dict[str, Value] = {}
    params: dict[str, Value] | None = None
    accepts: dict[str, Parameter] = {}
    steps: dict[str, str] = {}
    outer: Local | None = None


class Meaning(_Struct, frozen=True, kw_only=True, rename={"if_": "if", "else_": "else"}):
    """What a reading of a step means: said if `if_` is true, or, as the last entry, where nothing else was."""

    say: str
    if_: str | None = None
    else_: bool = False
    points_to: str | None = None


class ForEach(_Struct, frozen=True, kw_only=True, rename={"as_": "as"}):
    """A loop over `items`: an expression that gives a list, or the list itself, whose texts may be templates.

    `key` None: each item is its own key. `between` are probes after each item but the last.
    """

    items: str | tuple[Value, ...]
    as_: str = "item"
    key: str | None = None
    order_by: str | None = None
    max: int = 20
    between: tuple[Step, ...] = ()
    on_failure: StepOnFailure = StepOnFailure.STOP


class Step(_Struct, frozen=True, kw_only=True):
    """One entry of a runbook. A step that names a `signal` has its `uses` and `inputs` filled in by the loader.

    `timeout` is per attempt; None means the kind's default. `local` is never written by authors.
    """

    id: str
    uses: str
    inputs: dict[str, Value] = {}
    title: str | None = None
    description: str | None = None
    signal: str | None = None
    connection: str | None = None
    when: str | None = None
    expect: str | None = None
    series: Series = Series.ONE
    timeout: Duration | None = None
    retry: Retry = Retry()
    caution: str | None = None
    links: tuple[Link, ...] = ()
    means: tuple[Meaning, ...] = ()
    on_failure: StepOnFailure = StepOnFailure.STOP
    irreversible: str | None = None
    advisory: bool = False
    outputs: dict[str, Output] = {}
    until: Until | None = None
    for_each: ForEach | None = None
    local: Local | None = None


class Symptom(_Struct, frozen=True, kw_only=True):
    """One symptom: an alert by name and labels, or a probe."""

    id: str
    title: str | None = None
    alert: str | None = None
    labels: dict[str, str] = {}
    probe: Step | None = None


class Signal(_Struct, frozen=True, kw_only=True):
    """A measurement named once."""

    uses: str
    inputs: dict[str, Value] = {}
    title: str | None = None
    connection: str | None = None
    series: Series = Series.ONE
    timeout: Duration | None = None
    retry: Retry = Retry()
    outputs: dict[str, Output] = {}


class Approval(_Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """The terms of a gate as the runbook's author or the policy writes them."""

    required: int | None = None
    from_: tuple[str, ...] | None = None
    from_each: tuple[str, ...] = ()
    exclude_initiator: bool = False
    timeout: Duration | None = None
    reason_required: bool = False
    via: tuple[str, ...] | None = None


class Verification(_Struct, frozen=True, kw_only=True):
    """How it is known that the trouble is over. Rounds start `every` apart; `hold` is an unbroken series."""

    checks: tuple[Step, ...]
    within: Duration = Duration(300.0)
    every: Duration = Duration(15.0)
    hold: Duration = Duration(0.0)


class Include(_Struct, frozen=True, kw_only=True, rename={"name": "include", "prefix": "as", "inputs": "with"}):
    """Where a document takes in the steps of a `Steps` document. `place` is the entry's pointer in its own document.

    `ids` are those of the steps that it became; empty until the document it names has been put in its place.
    """

    name: str
    prefix: str
    inputs: dict[str, Value] = {}
    place: tuple[str | int, ...] = ()
    ids: tuple[str, ...] = ()


class HandOver(_Struct, frozen=True, kw_only=True):
    """The runbook that a run goes on with; values of `parameters` may be templates."""

    runbook: str
    parameters: dict[str, Value] = {}


class Option(_Struct, frozen=True, kw_only=True):
    """One ordered way to resolve: its own steps, or the runbook that it goes on with.

    `verification` stands in the place of the runbook's.
    """

    id: str
    steps: tuple[Step, ...] = ()
    continue_with: HandOver | None = None
    title: str | None = None
    description: str | None = None
    caution: str | None = None
    links: tuple[Link, ...] = ()
    when: str | None = None
    approval: Approval | None = None
    verification: Verification | None = None
    for_each: ForEach | None = None
    settle: Duration = Duration(0.0)
    on_failure: OnFailure = OnFailure.STOP
    when_not_helped: NotHelped = NotHelped.KEEP
    temporary: Duration | None = None
    auto: bool = True

    @property
    def every(self) -> tuple[Step, ...]:
        """Its own steps, and the probes between the items of loops."""
        loops = [loop for loop in (*(step.for_each for step in self.steps), self.for_each) if loop]
        return (*self.steps, *(probe for loop in loops for probe in loop.between))


class Message(_Struct, frozen=True, kw_only=True):
    """One entry of `communication`: `at` a moment, or `every` so often while the run is open."""

    to: str
    at: Moment | None = None
    every: Duration | None = None
    template: str | None = None
    text: str | None = None
    when: str | None = None
    id: str | None = None


class Contact(_Struct, frozen=True, kw_only=True):
    """Somebody who can help, and how to reach them."""

    name: str
    reach: str


class Escalation(_Struct, frozen=True, kw_only=True):
    """Who is paged. `after` pages while the run goes on."""

    to: str
    after: Duration | None = None
    message: str | None = None
    contacts: tuple[Contact, ...] = ()


class EvidenceRef(_Struct, frozen=True, kw_only=True):
    """Which evidence plan is collected, with which of its parameters set by the runbook."""

    plan: str
    inputs: dict[str, Value] = {}


class Runbook(_Struct, frozen=True, kw_only=True):
    """A runbook, whole."""

    name: str
    title: str
    service: str | None = None
    owners: tuple[str, ...] = ()
    severity: str | None = None
    reviewed: str | None = None
    tags: tuple[str, ...] = ()
    user_facing: bool = False
    description: str | None = None
    about: str | None = None
    caution: str | None = None
    impact: str | None = None
    links: tuple[Link, ...] = ()
    parameters: dict[str, Parameter] = {}
    signals: dict[str, Signal] = {}
    symptoms: tuple[Symptom, ...] = ()
    evidence: EvidenceRef | None = None
    triage: tuple[Step, ...] = ()
    resolution: tuple[Option, ...] = ()
    verification: Verification | None = None
    communication: tuple[Message, ...] = ()
    escalation: Escalation | None = None
    finally_: tuple[Step, ...] = msgspec.field(default=(), name="finally")
    concurrency: str | None = None
    target: dict[str, str] | None = None
    includes: tuple[Include, ...] = ()

    def verification_of(self, option: str) -> Verification | None:
        """How it is known that an option helped: as it says itself, else as the runbook does."""
        own = next((one.verification for one in self.resolution if one.id == option), None)
        return own or self.verification

    @property
    def checks(self) -> tuple[Step, ...]:
        """Every check: those of options with a verification of their own, then the runbook's."""
        every = [*(option.verification for option in self.resolution), self.verification]
        return tuple(check for verification in every if verification for check in verification.checks)


class Steps(_Struct, frozen=True, kw_only=True):
    """Probes that other documents include by name, with parameters of their own."""

    name: str
    steps: tuple[Step, ...]
    title: str | None = None
    description: str | None = None
    parameters: dict[str, Parameter] = {}
    includes: tuple[Include, ...] = ()


class EvidencePlan(_Struct, frozen=True, kw_only=True):
    """What is preserved before the first change, most volatile first."""

    name: str
    items: tuple[Step, ...]
    title: str | None = None
    timeout: Duration = Duration(120.0)
    required: bool = False
    parameters: dict[str, Parameter] = {}


class ScenarioApproval(_Struct, frozen=True, kw_only=True):
    """What the simulated people say at an option's gate, and how long after it opened."""

    granted_by: tuple[str, ...] = ()
    denied_by: str | None = None
    skipped_by: str | None = None
    aborted_by: str | None = None
    reason: str | None = None
    break_glass: bool = False
    after: Duration = Duration(0.0)


class ScenarioChange(_Struct, frozen=True, kw_only=True):
    """One change that must have been applied: of its step, and as it is said here."""

    step: str
    target: str | None = None
    effect: str | None = None
    applied: str | None = None
    inputs: dict[str, Value] = {}


class ScenarioExpect(_Struct, frozen=True, kw_only=True):
    """What must come of a scenario; only the keys that are given are compared, each exactly."""

    outcome: str | None = None
    status: str | None = None
    option: str | None = None
    options: dict[str, str] | None = None
    gates: dict[str, str] | None = None
    applied: tuple[str, ...] | None = None
    changes: tuple[ScenarioChange, ...] | None = None
    undone: tuple[str, ...] | None = None
    told: tuple[str, ...] | None = None
    escalated: str | None = None
    continues: str | None = None
    verdicts: dict[str, str] | None = None
    steps: dict[str, str] | None = None
    means: dict[str, str] | None = None
    order: tuple[str, ...] | None = None
    within: Duration | None = None


class ScenarioCase(_Struct, frozen=True, kw_only=True):
    """One simulated incident. `given` maps a step address to what the world answers, last match wins."""

    name: str
    expect: ScenarioExpect
    parameters: dict[str, Value] = {}
    alert: dict[str, Value] | None = None
    incident: dict[str, Value] | None = None
    mode: str = "by_hand"
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    given: dict[str, Value] = {}
    approvals: dict[str, ScenarioApproval] = {}
    answers: dict[str, Value] = {}
    initiator: str | None = None
    environment: str | None = None


class Scenarios(_Struct, frozen=True, kw_only=True):
    """The scenarios of one runbook."""

    runbook: str
    scenarios: tuple[ScenarioCase, ...]


class Person(_Struct, frozen=True, kw_only=True):
    """A person, by the names that other systems know them by."""

    user: str | None = None
    email: str | None = None
    slack: str | None = None
    pagerduty: str | None = None
    keys: tuple[str, ...] = ()


class From(_Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """A list of people and groups who may do something."""

    from_: tuple[str, ...]


class BreakGlass(_Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Who may override gates and freezes with a reason, and who is told."""

    from_: tuple[str, ...]
    notify: tuple[str, ...] = ()


class MaxRuns(_Struct, frozen=True, kw_only=True):
    """At most `count` runs that applied something, per runbook and target."""

    count: int
    per: Duration


class Auto(_Struct, frozen=True, kw_only=True):
    """What the policy itself may approve in `--auto`, and its brakes."""

    runbooks: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    cooldown: Duration = Duration(0.0)
    max_runs: MaxRuns | None = None


class Freeze(_Struct, frozen=True, kw_only=True):
    """A window in which changes need break-glass. Times are UTC instants, RFC 3339."""

    starts: str
    ends: str
    reason: str


class CommandEntry(_Struct, frozen=True, kw_only=True):
    """An argv with what else it is given: on other hosts (`*` stands for a part of a name), with variables of `env`."""

    argv: tuple[str, ...]
    host: str | None = None
    env: tuple[str, ...] = ()


class Commands(_Struct, frozen=True, kw_only=True):
    """Argvs whose claim to be read-only is believed, on this machine unless a host is said: `policy/commands.py`."""

    read: tuple[tuple[str, ...] | CommandEntry, ...] = ()


class Policy(_Struct, frozen=True, kw_only=True):
    """Who may do what, and within which limits."""

    people: dict[str, Person] = {}
    groups: dict[str, tuple[str, ...]] = {}
    run: From | None = None
    approvals: dict[str, Approval] = {}
    attest: From | None = None
    break_glass: BreakGlass | None = None
    commands: Commands = Commands()
    auto: Auto | None = None
    blast_radius: dict[str, dict[str, Value]] = {}
    freeze: tuple[Freeze, ...] = ()
    unreviewed: Unreviewed = Unreviewed.ALLOW
    seals: Sealed = Sealed.OPTIONAL
    votes: Votes = Votes.BY_STORE


class Connection(_Struct, frozen=True, kw_only=True):
    """One connection: how a server of a type is reached. `settings` are the keys of that type, secrets by reference."""

    name: str
    type: str
    settings: dict[str, Value] = {}


class Channel(_Struct, frozen=True, kw_only=True):
    """One place where messages go: its type (`console`, `file`, `slack`, …), settings, and who reads it.

    `confidential`: only people who may know of confidential incidents do.
    """

    name: str
    type: str
    settings: dict[str, Value] = {}
    audience: Audience = Audience.TEAM
    confidential: bool = False


class Environment(_Struct, frozen=True, kw_only=True):
    """One of the places that a project's runbooks work in. `values` is `env` in expressions, and never secret.

    `connections` stand in for those of the same name; `policy` for the config's, where it is not None.
    """

    name: str
    default: bool = False
    labels: dict[str, str] = {}
    connections: tuple[Connection, ...] = ()
    values: dict[str, Value] = {}
    policy: str | None = None


class Limits(_Struct, frozen=True, kw_only=True):
    """The numbers that rules of lint measure with."""

    review: Duration = Duration(90 * 24 * 3600.0)
    longest_way: Duration = Duration(3600.0)


class LintSettings(_Struct, frozen=True, kw_only=True):
    """Which rules of lint hold in a project, by code or by name, and their limits."""

    rules: dict[str, str] = {}
    limits: Limits = Limits()


class SealPlace(_Struct, frozen=True, kw_only=True):
    """Where seals are published: a folder, tags of the repository, a web address, or a channel of the config."""

    file: str | None = None
    git: str | None = None
    webhook: dict[str, Value] | None = None
    channel: str | None = None


class SealedBy(_Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """A public key whose seals count for records from a day until another (UTC), which is not included."""

    key: str
    from_: str | None = None
    until: str | None = None


class Seals(_Struct, frozen=True, kw_only=True):
    """How records are sealed: the private key by reference, how often, where to, and whose seals count."""

    key: dict[str, Value] | None = None
    every: Duration = Duration(600.0)
    publish: tuple[SealPlace, ...] = ()
    keys: tuple[SealedBy, ...] = ()


class Retention(_Struct, frozen=True, kw_only=True):
    """How long after its end a run keeps its payloads, a dry run too; None: until somebody says.

    `hold`: for ever; ids of runs, and of incidents for all runs that belong to them.
    """

    payloads: Duration | None = None
    dry_runs: Duration | None = None
    hold: tuple[str, ...] = ()


class IncidentSettings(_Struct, frozen=True, kw_only=True):
    """Whether a run of a runbook about something major begins an incident, where it belongs to none."""

    declare: Declaring = Declaring.NEVER


class GitLibrary(_Struct, frozen=True, kw_only=True):
    """A folder of the library as it is at one commit: `path` below the folder `git`, at whatever `ref` means now."""

    git: str
    ref: str
    path: str = "."

    @property
    def folder(self) -> str:
        """The same folder as it lies in the working tree."""
        return posixpath.normpath(posixpath.join(self.git, self.path))


class Config(_Struct, frozen=True, kw_only=True):
    """The project's configuration, as `runbook.yaml` says it. `store`, `policy`, `catalog` None mean the defaults."""

    library: tuple[str | GitLibrary, ...] = ("runbooks",)
    store: str | None = None
    policy: str | None = None
    catalog: str | None = None
    connections: tuple[Connection, ...] = ()
    channels: tuple[Channel, ...] = (Channel(name="console", type="console"),)
    environments: tuple[Environment, ...] = ()
    lint: LintSettings = LintSettings()
    seals: Seals | None = None
    obligations: ObligationSettings = ObligationSettings()
    incidents: IncidentSettings = IncidentSettings()
    retention: Retention = Retention()

    @property
    def folders(self) -> tuple[str, ...]:
        """The library as it lies in the working tree, where authors work on it."""
        return tuple(one if isinstance(one, str) else one.folder for one in self.library)

    @property
    def reviewed(self) -> tuple[GitLibrary, ...]:
        """What of the library is read from a commit."""
        return tuple(one for one in self.library if isinstance(one, GitLibrary))
