"""The key that signs the audit: made once, private, and refused when it is not."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from snipersight.domain.errors import StateUnavailable
from snipersight.risk.audit.findings import Signed
from snipersight.storage.signing import SignatureCheck, existing_key_id, load_signer


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_key_is_made_for_its_owner_alone_and_used_again(tmp_path):
    path = tmp_path / "keys" / "audit.key"
    first = load_signer(path)
    assert (_mode(path), _mode(path.parent)) == (0o600, 0o700)
    assert load_signer(path).key_id == first.key_id == existing_key_id(path)
    assert list(path.parent.iterdir()) == [path]


def test_asking_for_the_public_key_makes_none(tmp_path):
    path = tmp_path / "audit.key"
    assert existing_key_id(path) is None
    assert not path.exists()


def test_those_who_make_a_key_at_once_end_up_with_one(tmp_path):
    path = tmp_path / "audit.key"
    with ThreadPoolExecutor(8) as pool:
        keys = {signer.key_id for signer in pool.map(lambda _: load_signer(path), range(8))}
    assert len(keys) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o601, 0o660])
def test_a_key_that_others_may_use_is_refused(tmp_path, mode):
    path = tmp_path / "audit.key"
    load_signer(path)
    path.chmod(mode)
    with pytest.raises(StateUnavailable, match=f"mode {mode:04o}") as caught:
        load_signer(path)
    assert f"chmod 600 {path}" in caught.value.next_step


def _other_kind(path: Path) -> bytes:
    key = generate_private_key(SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda path: b"", "damaged"),
        (lambda path: path.read_bytes()[:60], "damaged"),
        (lambda path: path.read_bytes().replace(b"PRIVATE", b"PUBLIC"), "damaged"),
        (_other_kind, "another kind"),
    ],
)
def test_a_key_that_is_none_is_refused_without_showing_it(tmp_path, spoil, told):
    path = tmp_path / "audit.key"
    load_signer(path)
    secret = path.read_text().splitlines()[1]
    path.write_bytes(spoil(path))
    with pytest.raises(StateUnavailable, match=told) as caught:
        load_signer(path)
    assert str(path) in str(caught.value)
    assert secret not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_folder_in_place_of_a_key_is_refused(tmp_path):
    with pytest.raises(StateUnavailable, match="is a directory"):
        load_signer(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(StateUnavailable, match="AUDIT_KEY_FILE"):
        load_signer(tmp_path / "audit.key")


def test_a_signature_holds_for_exactly_what_was_signed(tmp_path):
    signer = load_signer(tmp_path / "audit.key")
    other = load_signer(tmp_path / "other.key")
    made = signer.checkpoint("main", seq=7, hash_="ab" * 32, at_us=1)
    trusting = SignatureCheck(account_id="main", trusted=(signer.key_id,))
    assert trusting(made) is Signed.VALID
    assert SignatureCheck(account_id="main")(made) is Signed.UNCHECKED
    assert SignatureCheck(account_id="main", trusted=(other.key_id,))(made) is Signed.FOREIGN
    assert SignatureCheck(account_id="mine", trusted=(signer.key_id,))(made) is Signed.INVALID
    for changed in (
        replace(made, seq=8),
        replace(made, hash=b"ac" * 32),
        replace(made, at_us=b"2"),
        replace(made, key_id=other.key_id.encode()),
        replace(made, signature=made.signature.upper()),
        replace(made, signature=b"no digits"),
        replace(made, key_id=b"\xff"),
    ):
        assert trusting(changed) is Signed.INVALID
