"""Only a connection that nobody else can read or change is one to a cluster."""

from __future__ import annotations

import pytest

from snipersight.bootstrap.evidence.sweep_address import require_safe
from snipersight.domain.errors import ConfigInvalid


@pytest.mark.parametrize(
    "address",
    ["tls://scheduler.example:8786", "tcp://127.0.0.1:8786", "tcp://[::1]:1", "tcp://localhost:80"],
)
def test_encrypted_or_on_this_machine_is_safe(address):
    require_safe(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "scheduler:8786",
        "tcp://scheduler.example:8786",
        "tcp://0.0.0.0:8786",
        "tcp://127.0.0.1.example:8786",
        "tcp://localhost.example:8786",
        "tcp://10.0.0.1:8786",
        "ws://127.0.0.1:8786",
        "inproc://127.0.0.1:8786",
        "tls://scheduler.example",
        "tls://user:secret@scheduler.example:8786",
        "tls://scheduler.example:port",
        "tls://[::1:8786",
        "file:///etc/passwd",
    ],
)
def test_any_other_address_is_refused_without_repeating_what_may_be_secret(address):
    with pytest.raises(ConfigInvalid) as refused:
        require_safe(address)
    assert refused.value.where == "--cluster"
    assert "tls://" in refused.value.next_step
    assert "secret" not in str(refused.value)
