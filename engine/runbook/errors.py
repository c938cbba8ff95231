"""The error tree, split by whose fault it is.

    RunbookError
    ├── DocumentError        the author's: the file cannot be used as written        exit 3
    ├── UsageError           the operator's: bad flags, names or values              exit 2
    │   ├── ParameterError   a parameter that the runbook does not accept            exit 3
    │   └── UnknownEnvironment   no environment of the config, or more than one      exit 3
    ├── WorldError           the world's: what must be known cannot be               exit 4
    │   ├── Unreachable      no answer: refused, timed out, unknown host
    │   ├── Forbidden        an answer, and it says that we may not
    │   ├── NotConfigured    a connection that a step needs is not in the configuration
    │   └── StoreError       the journal cannot be read or written
    ├── Refused              allowed by nobody: policy, a lock, an open run          exit 8
    │   ├── PayloadDropped   what it needs of a record was dropped on purpose
    │   ├── Diverged         the log was written by another procedure
    │   └── Fenced           another runner has taken this run over
    ├── BrokenChain          the record does not verify                              exit 3
    └── Bug                  ours                                                    exit 1

Libraries raise; `cli/main.py` is the single place that turns an error into an exit code. Each error has a
stable `code` (its page is `docs/errors.md#<code>`), says what happened, and in `hint` what to do next.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runbook.document.findings import Finding


class Exit(IntEnum):
    """Exit codes, the same in every command; in JSON as `exit: {code, name}` with the name in lower case."""

    OK = 0
    BUG = 1
    USAGE = 2
    INVALID = 3
    UNDETERMINED = 4
    NOT_RESOLVED = 5
    WAITING = 6
    REFUSED = 7
    BLOCKED = 8
    IN_DOUBT = 9
    HANGUP = 129
    INTERRUPTED = 130
    TERMINATED = 143

    @property
    def word(self) -> str:
        """The name that scripts see; the three signals are all `interrupted`."""
        return "interrupted" if self >= Exit.HANGUP else self.name.lower()


class RunbookError(Exception):
    """Base of every error that this package raises on purpose."""

    code: ClassVar[str] = "error"
    exit: ClassVar[Exit] = Exit.BUG

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class DocumentError(RunbookError):
    """A document cannot be used as written; `findings` has every reason, each with its place."""

    code = "invalid-document"
    exit = Exit.INVALID

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = tuple(findings)


class UsageError(RunbookError):
    """The command cannot be carried out as it was typed."""

    code = "usage"
    exit = Exit.USAGE


class ParameterError(UsageError):
    """Parameters that the runbook does not accept; all problems at once."""

    code = "invalid-parameter"
    exit = Exit.INVALID


class UnknownEnvironment(UsageError):
    """The environment that is named, recorded or meant by an alert is none, or more than one, of the config."""

    code = "unknown-environment"
    exit = Exit.INVALID


class WorldError(RunbookError):
    """The world did not answer as needed; nothing is guessed from that."""

    code = "undetermined"
    exit = Exit.UNDETERMINED


class Unreachable(WorldError):
    """No answer: connection refused, reset, timed out, or no such host."""

    code = "unreachable"


class Forbidden(WorldError):
    """The server answered that these credentials may not do this."""

    code = "forbidden"


class NotConfigured(WorldError):
    """No connection of the type that a step needs; kinds that can do without one take it for that."""

    code = "not-configured"


class StoreError(WorldError):
    """The journal's store cannot be read or written; no effect may follow."""

    code = "store"


class Refused(RunbookError):
    """Policy, a lock or an open run stands in the way; nothing was done."""

    code = "refused"
    exit = Exit.BLOCKED


class Diverged(Refused):
    """A log asks for something else than this engine's procedure would; nothing was done."""

    code = "diverged"


class PayloadDropped(Refused):
    """What is asked for goes by a payload that was dropped, by rule or by a person; nothing was done."""

    code = "payload-dropped"


class Fenced(Refused):
    """Another runner holds this run; this one may write no more."""

    code = "fenced"


class BrokenChain(RunbookError):
    """A record does not verify: `stream` and `seq` name the first bad one."""

    code = "broken-chain"
    exit = Exit.INVALID

    def __init__(self, message: str, *, stream: str, seq: int, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.stream = stream
        self.seq = seq


class Bug(RunbookError):
    """An invariant of this program does not hold; the message is what to paste into an issue."""

    code = "bug"
    exit = Exit.BUG
