"""Names, addresses and sockets: how anything here reaches another machine.

One rule about where: link-local and cloud metadata addresses are refused after the name was resolved, and the
connection goes to the address that was looked at, so a name that changes its mind in between gains nothing.
Loopback and private networks are where most of what a runbook asks lives, and are allowed.

One rule about when: everything of one exchange shares a `Deadline`, so that a peer which sends a byte now and
then cannot hold a step longer than the step's timeout.

One table, `fault`, says whose fault an operating system error is:

    NoAnswer     the peer's: refused, reset, timed out, unknown host, bad certificate. A kind that asks about
                 reachability takes it for the answer `fail`; to all others it is Unreachable
    LocalFault   ours: no route at all, no file descriptors, a resolver that is away; the peer was not asked
"""

from __future__ import annotations

import errno
import ipaddress
import queue
import socket
import ssl
import threading
import time
from functools import lru_cache
from typing import Any, Literal

from runbook.document.durations import spoken
from runbook.errors import Unreachable, WorldError

Reason = Literal["refused", "reset", "timeout", "unreachable", "dns", "tls", "protocol"]

# Besides 169.254.0.0/16 and fe80::/10: addresses at which clouds hand out credentials to whoever asks
# (EC2 over IPv6, Alibaba, Azure's wire server).
METADATA = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200", "168.63.129.16")))
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # IPv4 addresses seen through a translator, RFC 6052

_OURS = frozenset(
    {
        errno.ENETUNREACH,  # no route at all; a host that is down on a network that we reach is EHOSTUNREACH
        errno.ENETDOWN,
        errno.EADDRNOTAVAIL,
        errno.EAFNOSUPPORT,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOBUFS,
        errno.ENOMEM,
        errno.EACCES,
        errno.EPERM,  # what a local firewall's REJECT of an outgoing packet looks like
    }
)
# glibc answers EAI_AGAIN for a server that is away and for SERVFAIL; both say nothing about the name.
_NO_SUCH_NAME = frozenset({socket.EAI_NONAME, socket.EAI_NODATA})


class NoAnswer(Unreachable):
    """The peer did not answer as its protocol asks. `sent`: a byte of the request may have reached it."""

    def __init__(self, message: str, *, reason: Reason, sent: bool = False, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.reason = reason
        self.sent = sent


class LocalFault(WorldError):
    """We could not even ask: what is wrong is on this machine. `sent` as in NoAnswer."""

    def __init__(self, message: str, *, sent: bool = False, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.sent = sent


class Deadline:
    """A moment on the monotonic clock that all parts of one exchange share."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._start = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the exchange began."""
        return time.monotonic() - self._start

    def left(self) -> float:
        """Seconds that remain, more than zero; TimeoutError when there are none."""
        left = self.seconds - self.elapsed
        if left <= 0:
            raise TimeoutError("timed out")
        return left


def connect(host: str, port: int, deadline: Deadline) -> socket.socket:
    """A connected TCP socket; each address of the host is tried in turn. NoAnswer or LocalFault."""
    where = f"{host}:{port}"
    addresses = _resolve(host, port, deadline)
    answer: NoAnswer | None = None
    ours: LocalFault | None = None
    for index, (family, address) in enumerate(addresses):
        try:
            return _dial(family, address, deadline.left() / (len(addresses) - index))
        except OSError as error:
            found = fault(error, where, deadline)
            found.__cause__ = error
            if isinstance(found, NoAnswer):
                answer = found
            else:
                ours = found
    # An IPv6 address without a route says nothing when the IPv4 one was refused.
    raise answer or ours or NoAnswer(f"{where} has no address", reason="dns")


def _dial(family: int, address: tuple[Any, ...], seconds: float) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.connect(address)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        sock.close()
        raise
    return sock


def _resolve(host: str, port: int, deadline: Deadline) -> list[tuple[int, tuple[Any, ...]]]:
    found = _getaddrinfo(host, port, socket.AF_UNSPEC, deadline)
    addresses = list(dict.fromkeys((info[0], info[4]) for info in found))
    for _, address in addresses:
        _allowed(host, str(address[0]))
    return [(int(kind), address) for kind, address in addresses]


def lookup(name: str, deadline: Deadline, family: int = socket.AF_UNSPEC) -> list[str]:
    """The addresses of a name, each once, in the resolver's order; whether they may be reached does not matter."""
    return list(dict.fromkeys(str(info[4][0]) for info in _getaddrinfo(name, 0, family, deadline)))


def _getaddrinfo(host: str, port: int, family: int, deadline: Deadline) -> list[Any]:
    try:
        patience = deadline.left()
    except TimeoutError as error:
        raise fault(error, host, deadline) from error
    # getaddrinfo knows no timeout, and a dead resolver takes 10 s and more: a thread is left to its fate.
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, family, socket.SOCK_STREAM))
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
            answers.put(error)

    threading.Thread(target=ask, name=f"resolve {host}", daemon=True).start()
    try:
        answer = answers.get(timeout=patience)
    except queue.Empty as error:
        raise LocalFault(f"the resolver did not answer for {host} within {spoken(deadline.seconds)}") from error
    if isinstance(answer, UnicodeError):  # an empty label, or one longer than 63 bytes
        raise NoAnswer(f"{host!r} is not a host name", reason="dns") from answer
    if isinstance(answer, OSError):
        raise fault(answer, host, deadline) from answer
    if isinstance(answer, BaseException):
        raise answer
    return list(answer)


def _allowed(host: str, address: str) -> None:
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    elif ip in _NAT64:
        ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip.is_link_local or ip in METADATA:
        named = host if host == address else f"{host} ({address})"
        raise WorldError(
            f"{named} is a link-local or cloud metadata address, which steps may not reach",
            hint="a step that needs it can use command.run, which shows what it does",
        )


def fault(error: OSError, where: str, deadline: Deadline, *, sent: bool = False) -> NoAnswer | LocalFault:
    """Whose fault an operating system error is: the one table. `where` is `host:port` or a host."""
    if isinstance(error, socket.gaierror):
        if error.errno in _NO_SUCH_NAME:
            return NoAnswer(f"no such host: {where}", reason="dns")
        return LocalFault(f"the resolver could not say what {where} is: {error.strerror}")
    if isinstance(error, ssl.SSLCertVerificationError):
        return NoAnswer(f"{where}: the certificate is not valid: {error.verify_message}", reason="tls", sent=sent)
    if isinstance(error, ssl.SSLError):
        why = (error.reason or str(error)).replace("_", " ").lower()
        return NoAnswer(f"{where}: TLS failed: {why}", reason="tls", sent=sent)
    if isinstance(error, TimeoutError):
        return NoAnswer(f"{where} did not answer within {spoken(deadline.seconds)}", reason="timeout", sent=sent)
    if isinstance(error, ConnectionRefusedError):
        return NoAnswer(f"{where} refused the connection", reason="refused", sent=sent)
    if isinstance(error, ConnectionError):
        return NoAnswer(f"{where} closed the connection", reason="reset", sent=sent)
    if error.errno in _OURS:
        return LocalFault(f"cannot ask {where} from here: {error.strerror}", sent=sent)
    return NoAnswer(f"{where} cannot be reached: {error.strerror or error}", reason="unreachable", sent=sent)


def trust(ca_file: str | None = None, verify: bool = True) -> ssl.SSLContext:
    """Which certificates are believed: the system's, or only those in `ca_file`, or any (`verify` False).

    LocalFault if the file cannot be read. A file is read each time: it may be renewed while a server runs.
    """
    if ca_file is None:
        return _system(verify)
    try:
        return _checking(ssl.create_default_context(cafile=ca_file), verify)
    except OSError as error:
        raise LocalFault(f"cannot read the certificates in {ca_file}: {error.strerror or error}") from error


@lru_cache(maxsize=2)
def _system(verify: bool) -> ssl.SSLContext:
    return _checking(ssl.create_default_context(), verify)


def _checking(context: ssl.SSLContext, verify: bool) -> ssl.SSLContext:
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
