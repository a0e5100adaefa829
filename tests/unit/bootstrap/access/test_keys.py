"""Secrets are random, kept as digests, and compared in constant time."""

import hmac

import pytest

from snipersight.bootstrap.access import keys
from snipersight.bot.telemetry.masking import MASK, mask


def test_a_token_names_its_id_and_holds_256_random_bits():
    token_id, token = keys.new_token()
    assert keys.token_id_of(token) == token_id
    assert len(token.rpartition(f"{token_id}_")[2]) == 43
    assert len({keys.new_token()[1] for _ in range(50)}) == 50


@pytest.mark.parametrize(
    "text",
    ["", "sst_", "sst_0123abcd_short", f"sst_0123abcd_{'x' * 44}", f"x_{'0' * 8}_{'x' * 43}"],
)
def test_what_is_no_token_has_no_id(text):
    assert keys.token_id_of(text) is None


def test_a_secret_is_known_by_its_digest_alone():
    secret = keys.new_key()
    assert keys.is_secret_of(secret, keys.digest_of(secret))
    assert not keys.is_secret_of(f"{secret}x", keys.digest_of(secret))
    assert not keys.is_secret_of(secret, None)
    assert secret not in keys.digest_of(secret)


def test_text_that_no_encoding_knows_is_a_wrong_secret_like_any_other():
    assert not keys.is_secret_of("\ud800", keys.digest_of("x"))


def test_every_comparison_takes_the_same_time_whether_there_is_such_a_secret_or_not(monkeypatch):
    compared = []

    def compare(one, other):
        compared.append((len(one), len(other)))
        return hmac_compare(one, other)

    hmac_compare = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", compare)
    keys.is_secret_of("right", keys.digest_of("right"))
    keys.is_secret_of("wrong", keys.digest_of("right"))
    keys.is_secret_of("wrong", None)
    assert compared == [(64, 64)] * 3


def test_a_token_is_masked_in_any_text_also_by_a_process_that_never_knew_it():
    token_id, token = keys.new_token()
    assert mask(f"GET /?x={token} failed") == f"GET /?x=sst_{token_id}_{MASK} failed"
