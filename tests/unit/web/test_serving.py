"""A real server on a real socket: slow and countless callers, large heads, TLS, and its end."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from snipersight.domain.errors import ConfigInvalid, VenueUnavailable
from snipersight.web import patience
from snipersight.web.serving import Listening, address_of, listening_socket, server_of

HERE = Listening(host="127.0.0.1", port=0)


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer everything; what asks for /wait waits, and so does a WebSocket."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    while scope["path"] == "/wait" and (await receive())["type"] != "http.disconnect":
        pass
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]}
    )
    await send({"type": "http.response.body", "body": b"well"})


@contextlib.asynccontextmanager
async def served(on_stop: Any = lambda: None) -> AsyncIterator[str]:
    """Yield the address of a server; end it afterwards."""
    ready = asyncio.Event()
    with listening_socket(HERE) as made:
        server = server_of(app, HERE, on_ready=ready.set, on_stop=on_stop)
        running = asyncio.create_task(server.serve(sockets=[made]))
        await asyncio.wait_for(ready.wait(), 10)
        try:
            yield address_of(HERE, made)
        finally:
            server.should_exit = True
            await asyncio.wait_for(running, 10)


async def raw(address: str, sent: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, _, port = address.rpartition("/")[2].rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(sent)
    return reader, writer


async def leave(connections: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]) -> None:
    for _, writer in connections:
        writer.close()
    await asyncio.gather(*(one.wait_closed() for _, one in connections), return_exceptions=True)


async def gone(reader: asyncio.StreamReader) -> bytes:
    """Return what came until the other side has closed."""
    with contextlib.suppress(ConnectionResetError):
        return await asyncio.wait_for(reader.read(), 5)
    return b""


async def test_it_answers_and_does_not_say_what_it_is():
    async with served() as address, httpx.AsyncClient() as client:
        answer = await client.get(address)
        assert answer.text == "well"
        assert "server" not in answer.headers


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow"])
async def test_who_asks_nothing_or_half_a_question_is_not_waited_for(said, monkeypatch):
    monkeypatch.setattr(patience, "HEAD_S", 0.1)
    async with served() as address:
        reader, writer = await raw(address, said)
        assert await gone(reader) == b""
        await leave([(reader, writer)])


async def test_a_second_question_that_is_never_finished_is_not_waited_for_either(monkeypatch):
    monkeypatch.setattr(patience, "HEAD_S", 0.1)
    async with served() as address:
        reader, writer = await raw(address, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await reader.readuntil(b"well")).startswith(b"HTTP/1.1 200")
        writer.write(b"GET / HT")
        assert await gone(reader) == b""
        await leave([(reader, writer)])


async def test_a_head_that_does_not_end_is_refused():
    async with served() as address:
        reader, writer = await raw(address, b"GET / HTTP/1.1\r\nX: " + b"x" * 40_000)
        assert b"200" not in await gone(reader)
        await leave([(reader, writer)])


async def test_two_lengths_of_one_body_are_refused():
    twice = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 5\r\n\r\nx"
    async with served() as address:
        reader, writer = await raw(address, twice)
        assert (await gone(reader)).startswith(b"HTTP/1.1 400")
        await leave([(reader, writer)])


async def test_thousands_of_connections_that_ask_nothing_keep_nobody_out(monkeypatch):
    monkeypatch.setattr(patience, "MOST_CONNECTIONS", 20)
    async with served() as address:
        silent = [await raw(address) for _ in range(200)]
        async with httpx.AsyncClient(timeout=5) as client:
            assert (await client.get(address)).text == "well"
        closed = await asyncio.gather(*(gone(reader) for reader, _ in silent[:150]))
        assert closed == [b""] * 150
        await leave(silent)


async def test_where_everybody_is_busy_the_newest_has_to_come_again(monkeypatch):
    monkeypatch.setattr(patience, "MOST_CONNECTIONS", 3)
    async with served() as address:
        busy = [await raw(address, b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n") for _ in range(3)]
        await asyncio.sleep(0.2)
        reader, writer = await raw(address, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert await gone(reader) == b""
        await leave([*busy, (reader, writer)])


async def test_what_lasts_is_ended_before_the_end_is_waited_for():
    ended: list[str] = []
    async with served(on_stop=lambda: ended.append("streams")):
        assert ended == []
    assert ended == ["streams"]


def test_a_port_that_is_taken_is_told_with_what_to_do():
    with listening_socket(HERE) as made:
        taken = Listening(host="127.0.0.1", port=made.getsockname()[1])
        with pytest.raises(VenueUnavailable, match="address already in use") as told:
            listening_socket(taken).__enter__()
    assert "--listen" in told.value.next_step


def test_a_name_that_nobody_has_is_told():
    with pytest.raises(VenueUnavailable, match="cannot be served"):
        listening_socket(Listening(host="no-such-host.invalid", port=0)).__enter__()


def test_an_address_is_written_as_a_browser_opens_it():
    with listening_socket(HERE) as made:
        port = made.getsockname()[1]
        assert address_of(HERE, made) == f"http://127.0.0.1:{port}"
        everywhere = Listening(host="0.0.0.0", port=0)
        assert address_of(everywhere, made) == f"http://127.0.0.1:{port}"
    if socket.has_ipv6:
        six = Listening(host="::1", port=0)
        with listening_socket(six) as made:
            assert address_of(six, made) == f"http://[::1]:{made.getsockname()[1]}"


def test_a_certificate_that_is_none_is_told_before_anything_is_served(tmp_path):
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).write_text("no certificate")
    listening = Listening(
        host="0.0.0.0", port=0, tls_cert=tmp_path / "cert.pem", tls_key=tmp_path / "key.pem"
    )
    with pytest.raises(ConfigInvalid, match="certificate and key cannot be used"):
        server_of(app, listening)
    absent = Listening(
        host="0.0.0.0", port=0, tls_cert=tmp_path / "none.pem", tls_key=tmp_path / "key.pem"
    )
    with pytest.raises(ConfigInvalid, match="no such file"):
        server_of(app, absent)
