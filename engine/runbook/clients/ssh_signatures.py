"""Signatures by OpenSSH keys: `ssh-keygen -Y` makes them and checks them; only this module starts it.

Keys stay where they are: in a file, in an agent, on a token. Every call is an argument list; a signature and the keys
that may have made it are files in a folder of its own, gone when the call ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from runbook.core.signing import NAMESPACE, fingerprint
from runbook.errors import UsageError

if TYPE_CHECKING:
    from subprocess import CompletedProcess

LONGEST = 16 * 1024  # characters of a signature; an RSA key of 16,384 bits makes one of 6,000
_PATIENCE = 120.0  # seconds in which a person has typed a passphrase or touched a token
_CHECKED = 10.0  # seconds
_WHO = "voter"  # stands for whoever's keys are listed in the call


def verified(text: bytes, signature: str, keys: Sequence[str]) -> bool:
    """Whether one of these public keys (`ssh-ed25519 AAAA…`) made this signature over this text."""
    if len(signature) > LONGEST:
        return False
    with _folder() as folder:
        allowed, made = folder / "allowed_signers", folder / "signature"
        lines = (f'{_WHO} namespaces="{NAMESPACE}" {" ".join(key.split()[:2])}\n' for key in keys)
        allowed.write_text("".join(lines), encoding="ascii")
        made.write_text(signature, encoding="utf-8")
        argv = ("verify", "-f", str(allowed), "-I", _WHO, "-n", NAMESPACE, "-s", str(made))
        done = _ssh_keygen(argv, text, _CHECKED)
    good = f'Good "{NAMESPACE}" signature for {_WHO} '.encode()  # a status alone may be lost to whoever reaps children
    return done.returncode == 0 and done.stdout.startswith(good)


def intact(text: bytes, signature: str) -> bool:
    """Whether the key that a signature names made it over this text, whoever's key that is."""
    with _folder() as folder:
        made = folder / "signature"
        made.write_text(signature, encoding="utf-8")
        done = _ssh_keygen(("check-novalidate", "-n", NAMESPACE, "-s", str(made)), text, _CHECKED)
    return done.returncode == 0 and done.stdout.startswith(f'Good "{NAMESPACE}" signature'.encode())


def sign(text: bytes, key: Path) -> str:
    """The armoured signature by a private key, or by the agent that holds the one of a public key.

    A passphrase is asked for on the terminal. UsageError where nothing came of it, with what ssh-keygen said.
    """
    done = _ssh_keygen(("sign", "-n", NAMESPACE, "-f", str(key)), text, _PATIENCE)
    signature = done.stdout.decode("ascii", "replace")
    if done.returncode != 0 or not signature.startswith("-----BEGIN SSH SIGNATURE-----"):
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        why = said[-1] if said else "ssh-keygen gave no signature"
        raise UsageError(f"{key} does not sign: {why}", hint="name another key with --key")
    return signature


@contextmanager
def key_among(listed: Sequence[str], environ: Mapping[str, str], home: Path) -> Iterator[Path | None]:
    """The first listed key that can sign here: held by the agent, else in a file of `~/.ssh`. None where none can."""
    held = _of_agent(environ)
    wanted = {fingerprint(key): key for key in listed}
    for name, key in wanted.items():
        if name in held:
            with _folder() as folder:
                public = folder / "key.pub"
                public.write_text(" ".join(key.split()[:2]) + "\n", encoding="ascii")
                yield public
            return
    yield next((path for path in _private(home / ".ssh") if _public_of(path) in wanted), None)


def _private(folder: Path) -> list[Path]:
    try:
        return [path.with_suffix("") for path in sorted(folder.glob("*.pub")) if path.with_suffix("").is_file()]
    except OSError:
        return []


def _public_of(private: Path) -> str:
    try:
        return fingerprint(private.with_name(private.name + ".pub").read_text(encoding="ascii"))
    except (OSError, ValueError, IndexError):
        return ""


def _of_agent(environ: Mapping[str, str]) -> set[str]:
    from shutil import which
    from subprocess import DEVNULL, TimeoutExpired, run

    program = which("ssh-add")
    if program is None or not environ.get("SSH_AUTH_SOCK"):
        return set()
    try:
        argv = [program, "-L"]
        done = run(argv, stdin=DEVNULL, capture_output=True, timeout=_CHECKED, check=False, env=dict(environ))
    except TimeoutExpired:
        return set()
    names = set()
    for line in done.stdout.decode("utf-8", "replace").splitlines() if done.returncode == 0 else ():
        try:
            names.add(fingerprint(line))
        except (ValueError, IndexError):
            continue
    return names


def _ssh_keygen(words: Sequence[str], text: bytes, patience: float) -> CompletedProcess[bytes]:
    from shutil import which
    from subprocess import TimeoutExpired, run

    program = which("ssh-keygen")
    if program is None:
        raise UsageError(
            "votes of this run are signed, and this machine has no `ssh-keygen`",
            hint="install OpenSSH's client (Debian: openssh-client), 8.2 or newer",
        )
    try:
        return run([program, "-Y", *words], input=text, capture_output=True, timeout=patience, check=False)
    except TimeoutExpired as error:
        raise UsageError(f"ssh-keygen gave no answer within {patience:.0f} s") from error


@contextmanager
def _folder() -> Iterator[Path]:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="runbook-vote-") as name:
        yield Path(name)
