"""What systemd hears, over the socket that it names."""

import os
import socket
import sys

import pytest

from snipersight.bootstrap.running.vital_keeping import Teller
from snipersight.bootstrap.running.vital_notify import ServiceManager
from snipersight.bootstrap.running.vitals import Vitals


@pytest.fixture
def listener(tmp_path):
    """Yield a socket that hears, and the address it is told under."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.settimeout(2)
        yield heard


def test_states_arrive_one_a_datagram(listener):
    manager = ServiceManager.of({"NOTIFY_SOCKET": listener.getsockname()})
    assert manager.tell("READY=1")
    assert manager.tell("STATUS=scanned ½")
    assert [listener.recv(100), listener.recv(100)] == [b"READY=1", "STATUS=scanned ½".encode()]


@pytest.mark.skipif(sys.platform != "linux", reason="abstract sockets are Linux's")
def test_an_abstract_socket_is_reached():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        name = f"snipersight-test-{os.getpid()}"
        heard.bind(f"\0{name}")
        heard.settimeout(2)
        assert ServiceManager(f"@{name}").tell("READY=1")
        assert heard.recv(100) == b"READY=1"


@pytest.mark.parametrize("address", ["", "/nowhere/at/all", "/" + "x" * 300])
def test_nobody_to_tell_is_no_error(address):
    assert not ServiceManager(address).tell("READY=1")


def test_a_full_socket_never_makes_the_bot_wait(listener):
    manager = ServiceManager(listener.getsockname())
    while manager.tell("STATUS=again"):
        pass  # until nothing more fits
    assert listener.recv(100) == b"STATUS=again"
    assert manager.tell("STATUS=again")


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "42"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "43"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
    ],
)
def test_the_watchdog_is_the_one_that_is_meant_for_this_process(environ, seconds):
    manager = ServiceManager.of(environ | {"NOTIFY_SOCKET": "@x"}, pid=42)
    assert manager.watchdog_s == seconds


def test_without_a_socket_there_is_no_watchdog():
    assert ServiceManager.of({"WATCHDOG_USEC": "30000000"}).watchdog_s is None


def test_a_hanging_part_gets_no_sign_of_life_and_the_status_is_told_once(listener):
    now = [0.0]
    vitals = Vitals(clock_s=lambda: now[0])
    vitals.ready()
    vitals.expect("loop", within_s=5)
    teller = Teller(ServiceManager(listener.getsockname(), watchdog_s=30), vitals.health)
    teller.tell()
    teller.tell()
    now[0] = 6
    teller.tell()
    now[0] = 7
    vitals.beat("loop")
    teller.tell()
    listener.setblocking(False)
    heard = []
    while True:
        try:
            heard.append(listener.recv(200).decode())
        except BlockingIOError:
            break
    waiting = "STATUS=waiting for the first close"
    assert heard == [
        waiting,
        "WATCHDOG=1",
        "WATCHDOG=1",
        f"{waiting}; hangs: loop",
        waiting,
        "WATCHDOG=1",
    ]
