"""Certificates for a cluster: there, fitting, and accepted on both sides, or said why not."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, Final, Protocol, TypedDict

from snipersight.bootstrap.evidence.sweep_address import WHERE, parse_address
from snipersight.domain.errors import ConfigInvalid, StateUnavailable

if TYPE_CHECKING:
    from types import ModuleType

_PROVEN_S: Final = 10
_PARTS: Final = {
    "tls_ca_file": "DASK_DISTRIBUTED__COMM__TLS__CA_FILE",
    "tls_client_cert": "DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT",
}
_KEY: Final = "DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY"
_HOW: Final = f"set {', '.join(_PARTS.values())} and {_KEY} to PEM files, which docs/sweeps.md shows how to make"


class _Connecting(TypedDict):
    """With what Dask connects, as far as it is used here."""

    ssl_context: ssl.SSLContext


class Security(Protocol):
    """What is used of Dask's security."""

    tls_ca_file: str | None
    tls_client_cert: str | None
    tls_client_key: str | None

    def get_connection_args(self, role: str) -> _Connecting:
        """Return with what a role connects."""
        ...


def proven_security(distributed: ModuleType, address: str) -> Security:
    """Return Dask's security for a scheduler that took our certificate and showed one we take.

    Dask itself waits long for a connection that was refused, and says little of why.

    Args:
        distributed: the package.
        address: of the scheduler.

    Raises:
        ConfigInvalid: no certificates are named, they cannot be read or do not fit each other, or
            one side does not take the other's.
        StateUnavailable: nobody answers there.
    """
    security: Security = distributed.Security(require_encryption=True)
    missing = [name for field, name in _PARTS.items() if not getattr(security, field)]
    if missing:
        raise ConfigInvalid(
            f"tls:// takes certificates, and Dask's configuration names none ({missing[0]} is not set)",
            where=WHERE,
            next_step=_HOW,
        )
    _shake_hands(_context(security), address)
    return security


def _context(security: Security) -> ssl.SSLContext:
    try:
        return security.get_connection_args("client")["ssl_context"]
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        raise ConfigInvalid(
            f"the certificates for the cluster cannot be used: {_reason(error)}",
            where=f"{security.tls_ca_file}, {security.tls_client_cert}, {security.tls_client_key}",
            next_step=_HOW,
        ) from error


def _shake_hands(context: ssl.SSLContext, address: str) -> None:
    at = parse_address(address)
    try:
        with (
            socket.create_connection((at.host, at.port), timeout=_PROVEN_S) as plain,
            context.wrap_socket(plain, server_hostname=at.host) as safe,
        ):
            # A certificate that is refused is told after the handshake, in place of the first words.
            is_silent = not safe.recv(1)
    except ssl.SSLError as error:
        raise _refused(error, address) from error
    except OSError as error:
        raise _unreachable(address, _reason(error)) from error
    if is_silent:
        raise _unreachable(address, "what listens there hung up")


def _refused(error: ssl.SSLError, address: str) -> ConfigInvalid:
    if isinstance(error, ssl.SSLCertVerificationError):
        return ConfigInvalid(
            f"the scheduler's certificate is not one of this authority: {error.verify_message}",
            where=address,
            next_step="name the CA file that scheduler and workers were started with, in "
            f"{_PARTS['tls_ca_file']}; if it is the right one, somebody else listens there",
        )
    if "ALERT" in (error.reason or ""):
        return ConfigInvalid(
            f"the scheduler does not take our certificate: {_reason(error)}",
            where=address,
            next_step="name one signed by the authority that the scheduler was started with, in "
            f"{_PARTS['tls_client_cert']} and {_KEY}",
        )
    return ConfigInvalid(
        f"what listens there does not speak TLS: {_reason(error)}",
        where=address,
        next_step="start the scheduler with --protocol tls and its certificates, as docs/sweeps.md shows",
    )


def _unreachable(address: str, reason: str) -> StateUnavailable:
    return StateUnavailable(
        f"the cluster cannot be reached: {reason}",
        where=address,
        next_step="check that the scheduler runs there: `dask scheduler --protocol tls`, with its "
        "certificates",
    )


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.lower().replace("_", " ")
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
