"""The certificate that a server shows, whether it is believed or not.

A handshake that verifies decides. Where it fails on the certificate, a second one that verifies nothing, and
over which nothing is sent, fetches the certificate itself, so that the answer can say what is wrong with it.
"""

from __future__ import annotations

import ssl
import time

import msgspec

from runbook.clients import net


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """A server's certificate. `error` says why it is not believed; None if it is.

    `not_after` is RFC 3339 in UTC; `days_left` counts from this machine's clock, as the verification does, and
    is negative once expired; `names` are the DNS names and addresses that it is for.
    """

    error: str | None
    not_after: str
    days_left: float
    issuer: str
    subject: str
    names: tuple[str, ...]


def certificate(
    host: str, port: int, *, server_name: str, deadline: net.Deadline, ca_file: str | None = None
) -> Certificate:
    """The certificate at `host:port`, checked for `server_name`. NoAnswer where there is no TLS; LocalFault."""
    error = None
    try:
        shown = _shown(host, port, server_name, deadline, net.trust(ca_file))
    except ssl.SSLCertVerificationError as refused:
        error = refused.verify_message
        shown = _shown(host, port, server_name, deadline, net.trust(verify=False))
    return _read(shown, error)


def _shown(host: str, port: int, server_name: str, deadline: net.Deadline, context: ssl.SSLContext) -> bytes:
    try:
        with net.connect(host, port, deadline) as sock:
            sock.settimeout(deadline.left())
            with context.wrap_socket(sock, server_hostname=server_name) as secured:
                return secured.getpeercert(binary_form=True) or b""
    except ssl.SSLCertVerificationError:
        raise
    except OSError as error:
        raise net.fault(error, f"{host}:{port}", deadline) from error


def _read(der: bytes, error: str | None) -> Certificate:
    from cryptography import x509

    found = x509.load_der_x509_certificate(der)
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        names = x509.SubjectAlternativeName([])
    ends = found.not_valid_after_utc
    now = time.time()  # noqa: TID251 - the clock by which OpenSSL has just judged the same certificate
    return Certificate(
        error=error,
        not_after=ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
        days_left=round((ends.timestamp() - now) / 86400, 2),
        issuer=found.issuer.rfc4514_string(),
        subject=found.subject.rfc4514_string(),
        names=(
            *names.get_values_for_type(x509.DNSName),
            *map(str, names.get_values_for_type(x509.IPAddress)),
        ),
    )
