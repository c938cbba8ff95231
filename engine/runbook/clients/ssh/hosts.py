"""One host: how ssh is called for it, by which keys it is known, and what became of what was run there."""

from __future__ import annotations

import re
import secrets
import shlex
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import msgspec

from runbook.clients import processes
from runbook.clients.attempts import Attempt
from runbook.clients.outputs import Mask
from runbook.clients.processes import Completed
from runbook.clients.ssh import scripts
from runbook.clients.ssh.faults import HostKey, last_line, never_started
from runbook.errors import Unreachable, WorldError

_ALWAYS = {
    "BatchMode": "yes",
    "StrictHostKeyChecking": "yes",
    "UpdateHostKeys": "no",
    "ForwardAgent": "no",
    "ForwardX11": "no",
    "ClearAllForwardings": "yes",
    "ControlMaster": "no",
    "ControlPath": "none",
    "PermitLocalCommand": "no",
    "RequestTTY": "no",
    "ConnectionAttempts": "1",
    "ServerAliveInterval": "5",  # a connection that is cut without a word shows after fifteen seconds
    "ServerAliveCountMax": "3",
    "LogLevel": "ERROR",
}
_KEYS_FIRST = ("ssh-ed25519", "ecdsa", "ssh-rsa")
_ASKING = 10.0  # seconds for what asks no other machine


class Remote(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a command on a host.

    `started` is False where ssh proved that it was not, with `error`, or the script said why (`refused`); None where
    nobody knows. `exit` is the command's own exit code, None where its end was not seen. `group` and `born` name its
    process group there. `stdout` and `stderr` are the command's, `done` is of ssh itself.
    """

    started: bool | None
    done: Completed
    exit: int | None = None
    refused: str | None = None
    group: str | None = None
    born: str | None = None
    stdout: bytes = b""
    stderr: bytes = b""
    error: WorldError | None = None

    @property
    def cut_off(self) -> bool:
        """Whether we stopped waiting for it, and not it or the connection."""
        return self.exit is None and (self.done.timed_out or self.done.cancelled)


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """A host as a plan sees it: `boot` and `at` (its own clock), `system`, and where the program is."""

    boot: str
    at: int
    system: str
    program: str | None
    folder: bool


class Host(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A host and how it is reached. `connect_timeout` in seconds; files are absolute paths."""

    name: str
    user: str | None
    port: int | None
    jump: str | None
    config: str | None
    known_hosts: str | None
    key: str | None
    connect_timeout: float
    folder: Path
    environ: Mapping[str, str]

    @cached_property
    def identity(self) -> str:
        """`user@host:port` and the pinned key that it is known by: another key is another server."""
        return f"{self.address} {self.keys[0]}"

    @cached_property
    def address(self) -> str:
        """`user@host:port`, as the configuration has it."""
        found = self._settled
        return f"{found['user']}@{found['hostname']}:{found['port']}"

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Fingerprints of the pinned keys, the one that ssh likes best first. HostKey where none is pinned."""
        found = self._settled
        port = "" if found["port"] == "22" else f":{found['port']}"
        name = found.get("hostkeyalias") or (f"[{found['hostname']}]{port}" if port else found["hostname"])
        theirs = f"{found.get('userknownhostsfile', '')} {found.get('globalknownhostsfile', '')}"
        files = [self.known_hosts] if self.known_hosts else theirs.split()
        lines = [line for file in files for line in self._local("ssh-keygen", "-F", name, "-f", _home(file))]
        if keys := _fingerprints(lines):
            return keys
        where = self.known_hosts or ", ".join(files[:1])
        raise HostKey(
            f"no key of {name} is pinned in {where}",
            hint="compare the key with the one that the host's owner gives you, then add it there",
        )

    def ask(self, timeout: float, program: str = "", folder: str = "") -> Look:
        """What a plan needs to know. Raises HostKey, Forbidden, Unreachable or WorldError."""
        boot, at, system, *found = (*self.say(timeout, scripts.LOOK, program, folder).splitlines(), "", "", "")
        return Look(
            boot=boot,
            at=int(at) if at.isdecimal() else 0,
            system=system,
            program=found[0] if found[0] and found[0] != "!folder" else None,
            folder=found[0] != "!folder",
        )

    def say(self, timeout: float, script: str, *arguments: str) -> str:
        """What one of our own short scripts prints. Raises as `ask`."""
        done = self._run(scripts.command(script, *arguments), timeout, lambda: False)
        if done.exit_code == 0 and not done.timed_out:
            return done.stdout.decode("utf-8", "replace").strip()
        said = done.stderr.decode("utf-8", "replace")
        error = never_started(said, self.address)
        why = "did not answer in time" if done.timed_out else last_line(said)
        raise error or Unreachable(f"{self.address}: {why}")

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout: float,
        cancelled: Callable[[], bool],
        folder: str = "",
        key: str | None = None,
        stdin: bytes | None = None,
        attempt: Attempt | None = None,
        mask: Callable[[], Mask] | None = None,
    ) -> Remote:
        """Run a command there, once; with a `key` it is a change. NotStarted where ssh itself could not be.

        Nothing else is raised: what is known of it is in the answer.
        """
        word = secrets.token_hex(16)
        own = (scripts.READ, word, folder) if key is None else (scripts.CHANGE, word, key, folder)
        done = self._run(scripts.command(*own, *argv), timeout, cancelled, stdin, attempt, mask)
        return _read(done, word, self.address)

    def settle(self, timeout: float, key: str, boot: str, since: int) -> str:
        """What became of a change: `exit N`, `running GROUP`, `left GROUP`, `gone`, `never`, or why it cannot say.

        `never` holds from then on. `boot` and `since` are of the plan. Raises as `ask`.
        """
        return self.say(timeout, scripts.SETTLE, key, boot, str(since))

    def end(self, remote: Remote, seconds: float) -> str:
        """End a command's process group, as a sentence that says what came of it."""
        if remote.group is None or remote.born is None:
            return "whether it still runs there is not known"
        try:
            said = self.say(seconds + self.connect_timeout, scripts.END, remote.group, remote.born, f"{seconds:.0f}")
        except WorldError as error:
            return f"its process group {remote.group} could not be ended there: {error}"
        if said == "alive":
            return f"its process group {remote.group} does not end there"
        return f"its process group {remote.group} there has ended"

    @cached_property
    def _settled(self) -> Mapping[str, str]:
        """What ssh makes of all options, by its own account."""
        lines = self._local(*self._argv(self.connect_timeout, "-G"), "--", self.name)
        return dict(line.split(" ", 1) for line in lines if " " in line)

    def _argv(self, seconds: float, *first: str) -> list[str]:
        options = dict(_ALWAYS)
        options["ConnectTimeout"] = str(max(1, int(min(seconds, self.connect_timeout))))
        if self.known_hosts:
            options["UserKnownHostsFile"] = _path(self.known_hosts)
            options["GlobalKnownHostsFile"] = "/dev/null"
        if self.key:
            options["IdentityFile"], options["IdentitiesOnly"] = _path(self.key), "yes"
        plain = ["ssh", "-F", self.config or "none", "-T", *first]
        for name, value in options.items():
            plain += ["-o", f"{name}={value}"]
        through = ["-o", f"ProxyCommand={self._through(plain)}"] if self.jump else []
        port = ["-p", str(self.port)] if self.port else []
        return [*plain, *through, *port, *(["-l", self.user] if self.user else [])]

    def _through(self, plain: list[str]) -> str:
        """The jump host is held to the same rules, which ProxyJump would not do; `%h` and `%p` are ssh's to fill in."""
        user, _, host = str(self.jump).rpartition("@")
        host, _, port = host.partition(":")
        words = [*plain, *(["-p", port] if port else []), *(["-l", user] if user else [])]
        return f"{shlex.join(words).replace('%', '%%')} -W '[%h]:%p' -- {shlex.quote(host)}"

    def _run(
        self,
        command: str,
        timeout: float,
        cancelled: Callable[[], bool],
        stdin: bytes | None = None,
        attempt: Attempt | None = None,
        mask: Callable[[], Mask] | None = None,
    ) -> Completed:
        return processes.run(
            [*self._argv(timeout), "--", self.name, command],
            env=self.environ,
            cwd=self.folder,
            timeout=timeout,
            cancelled=cancelled,
            stdin=stdin,
            attempt=attempt,
            mask=mask,
        )

    def _local(self, *argv: str) -> list[str]:
        done = processes.run(argv, env=self.environ, cwd=self.folder, timeout=_ASKING, cancelled=lambda: False)
        if done.exit_code == 255:
            raise WorldError(f"ssh cannot be used so: {last_line(done.stderr.decode('utf-8', 'replace'))}")
        return done.stdout.decode("utf-8", "replace").splitlines()


def _read(done: Completed, word: str, address: str) -> Remote:
    """What the script's own lines say; the command's stderr is what stands between them."""
    text = done.stderr
    began = re.search(rb"%s started (\d+) (\S*)\n" % word.encode(), text)
    refused = re.search(rb"%s refused (\w+)\n" % word.encode(), text)
    if refused:
        return Remote(started=False, done=done, refused=refused[1].decode())
    if began is None:
        said = text.decode("utf-8", "replace")
        error = never_started(said, address)
        why = error or Unreachable(f"{address}: {last_line(said)}")
        return Remote(started=False if error else None, done=done, error=why)
    ended = re.search(rb"%s exit (\d+)\n" % word.encode(), text)
    after = text[began.end() :]
    lost = None
    if ended:
        after = text[began.end() : ended.start()] + text[ended.end() :]
    else:
        lost = Unreachable(f"the connection to {address} was lost while it ran")
    return Remote(
        started=True,
        done=done,
        exit=int(ended[1]) if ended else None,
        group=began[1].decode(),
        born=began[2].decode(),
        stdout=done.stdout,
        stderr=after,
        error=lost,
    )


def _fingerprints(lines: Sequence[str]) -> tuple[str, ...]:
    """SHA-256 of each key, as ssh-keygen -l shows it, of lines as in known_hosts."""
    import base64
    import hashlib

    found: dict[str, str] = {}
    for line in lines:
        words = line.split()
        if not words or words[0] in ("#", "@revoked"):
            continue
        kind, blob = (words[2], words[3]) if words[0].startswith("@") else (words[1], words[2])
        digest = base64.b64encode(hashlib.sha256(base64.b64decode(blob)).digest()).decode().rstrip("=")
        found[f"SHA256:{digest}"] = kind
    order = {start: at for at, start in enumerate(_KEYS_FIRST)}

    def rank(fingerprint: str) -> tuple[int, str]:
        kind = found[fingerprint]
        return min((at for start, at in order.items() if kind.startswith(start)), default=len(order)), fingerprint

    return tuple(sorted(found, key=rank))


def _path(path: str) -> str:
    """A file as a value of an option: ssh splits at spaces, and reads `%` as the start of a token."""
    escaped = path.replace("%", "%%").replace('"', '\\"')
    return f'"{escaped}"'


def _home(path: str) -> str:
    return str(Path(path).expanduser())
