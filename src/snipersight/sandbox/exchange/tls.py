"""A certificate authority of the sandbox's own: its names are the venues', its reach is one file.

A client that is told to trust the file, and to look for the venues on the loopback address, talks
to the sandbox under the venues' real names. Nobody else trusts it, and its key is never stored.
"""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_VALID: Final = timedelta(days=30)
_SLACK: Final = timedelta(days=1)  # a client whose clock is a little behind accepts it too
_PRIVATE: Final = 0o600


class Authority:
    """A fresh certificate authority that signs one certificate for all names.

    Args:
        names: of the hosts that the certificate is for, in small letters.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named("SniperSight sandbox authority")
        self._certificate = (
            _builder(self._name, self._name, self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False
            )
            .sign(self._key, hashes.SHA256())
        )
        self._names = sorted(set(names))

    def save(self, folder: Path) -> Path:
        """Write the authority's certificate into a folder and return the file."""
        path = folder / "sandbox-exchange-ca.pem"
        _write(path, self._certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def server_context(self) -> ssl.SSLContext:
        """Return what a server needs to answer under every name."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # The module reads a chain from files only; this one is gone at once.
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "chain.pem"
            _write(path, _private_bytes(key) + certificate.public_bytes(serialization.Encoding.PEM))
            context.load_cert_chain(path)
        return context

    def _sign(self, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
        names = x509.SubjectAlternativeName([x509.DNSName(name) for name in self._names])
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            _builder(_named("SniperSight sandbox exchange"), self._name, key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(names, critical=False)
            .add_extension(issuer, critical=False)
            .sign(self._key, hashes.SHA256())
        )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SLACK)
        .not_valid_after(now + _VALID)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _private_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, data: bytes) -> None:
    """Write a file that only this user can read, in place of one that may be there."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
