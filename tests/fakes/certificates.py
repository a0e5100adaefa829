"""An authority that signs certificates for a cluster, as docs/sweeps.md has it made with openssl."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM files of whoever takes part in a cluster."""

    ca: Path
    cert: Path
    key: Path

    def environment(self) -> dict[str, str]:
        """Return what tells Dask of them, for scheduler, worker and client alike."""
        above = "DASK_DISTRIBUTED__COMM__TLS__"
        roles = {
            f"{above}{role}__{part}": str(path)
            for role in ("CLIENT", "SCHEDULER", "WORKER")
            for part, path in (("CERT", self.cert), ("KEY", self.key))
        }
        return {f"{above}CA_FILE": str(self.ca), **roles}


def a_certificate(folder: Path) -> Certificates:
    """Return a certificate in a folder, signed by an authority of its own."""
    folder.mkdir()
    authority, member = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    written = Certificates(folder / "ca.pem", folder / "cert.pem", folder / "key.pem")
    _write(written.ca, _signed("authority", authority.public_key(), authority, is_ca=True))
    _write(written.cert, _signed("member", member.public_key(), authority, is_ca=False))
    written.key.write_bytes(
        member.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return written


def _write(path: Path, certificate: x509.Certificate) -> None:
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _signed(
    name: str,
    key: ec.EllipticCurvePublicKey,
    authority: ec.EllipticCurvePrivateKey,
    *,
    is_ca: bool,
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named("authority"))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _DAY)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .sign(authority, hashes.SHA256())
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
