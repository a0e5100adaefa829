"""The key that signs checkpoints of the audit: Ed25519, in a file its owner alone can read."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snipersight.domain.errors import StateUnavailable
from snipersight.risk.audit.findings import Checkpoint, Signed
from snipersight.storage.home import make_private_folder

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY_MODE: Final = 0o600
_OTHERS: Final = 0o077  # any right of the group or of everybody
_NEXT_STEP: Final = (
    "restore it from a copy, or move it away: a new one is made, and what the old one signed is "
    "verified with `--trust` and its public key"
)


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key, ready to sign."""

    _key: Ed25519PrivateKey = field(repr=False)
    key_id: str

    def checkpoint(self, account_id: str, *, seq: int, hash_: str, at_us: int) -> Checkpoint:
        """Return the signed statement that record `seq` of a chain has this hash."""
        unsigned = Checkpoint(
            seq=seq,
            hash=hash_.encode(),
            at_us=b"%d" % at_us,
            key_id=self.key_id.encode(),
            signature=b"",
        )
        signature = self._key.sign(unsigned.statement(account_id)).hex().encode()
        return Checkpoint(
            seq=seq,
            hash=unsigned.hash,
            at_us=unsigned.at_us,
            key_id=unsigned.key_id,
            signature=signature,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureCheck:
    """Tells what a checkpoint's signature is worth.

    Args:
        account_id: whose chain.
        trusted: public keys, hex digits; none: every fitting signature counts as unchecked.
    """

    account_id: str
    trusted: Collection[str] = ()

    def __call__(self, checkpoint: Checkpoint) -> Signed:
        """Return whether the signature fits, and whether its key is trusted."""
        if not _fits(checkpoint, self.account_id):
            return Signed.INVALID
        if not self.trusted:
            return Signed.UNCHECKED
        is_trusted = checkpoint.key_id.decode("ascii", "replace") in self.trusted
        return Signed.VALID if is_trusted else Signed.FOREIGN


def _fits(checkpoint: Checkpoint, account_id: str) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        # Upper case would spell the same bytes: what is stored must be exactly what was written.
        if checkpoint.signature.lower() != checkpoint.signature:
            return False
        key = Ed25519PublicKey.from_public_bytes(_bytes_of(checkpoint.key_id))
        key.verify(_bytes_of(checkpoint.signature), checkpoint.statement(account_id))
    except (InvalidSignature, ValueError):
        return False
    return True


def _bytes_of(digits: bytes) -> bytes:
    return bytes.fromhex(digits.decode("ascii"))


def load_signer(path: Path) -> Signer:
    """Return the key of a file; on first use it is made there, in a folder of its owner alone.

    Raises:
        StateUnavailable: others may read the file, it is no such key, or it cannot be made.
    """
    try:
        if not path.exists():
            _create(path)
        return _read(path)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise StateUnavailable(
            f"the key that signs the audit cannot be used: {reason}",
            where=str(path),
            next_step="set AUDIT_KEY_FILE to a file in a folder you can write to",
        ) from error


def existing_key_id(path: Path) -> str | None:
    """Return the public key of a file, hex digits; None if there is no file. Makes none.

    Raises:
        StateUnavailable: as `load_signer`.
    """
    return load_signer(path).key_id if path.exists() else None


def _read(path: Path) -> Signer:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    with path.open("rb") as file:
        _ensure_private(path, os.fstat(file.fileno()).st_mode)
        text = file.read()
    try:
        key = load_pem_private_key(text, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        # Nothing of the file's content may reach a message, not even through the cause.
        raise _unusable(path, f"it is damaged ({type(error).__name__})") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _unusable(path, "it is of another kind than Ed25519")
    return Signer(key, key.public_key().public_bytes_raw().hex())


def _ensure_private(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise _unusable(path, "it is no file")
    if mode & _OTHERS:
        raise StateUnavailable(
            f"others than its owner may use the key that signs the audit (mode "
            f"{stat.S_IMODE(mode):04o})",
            where=str(path),
            next_step=f"chmod 600 {path}; if somebody may have read it, move it away instead",
        )


def _unusable(path: Path, why: str) -> StateUnavailable:
    return StateUnavailable(
        f"the key that signs the audit cannot be used: {why}",
        where=str(path),
        next_step=_NEXT_STEP,
    )


def _create(path: Path) -> None:
    """Write a new key; of two processes that do so at once, one wins and both use its key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    make_private_folder(path.parent)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".audit-key-") as file:  # mode 0600
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
        try:
            path.hardlink_to(file.name)
        except FileExistsError:
            return
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
