"""A client that dies in mid-request is nothing to report, and nobody else notices."""

import asyncio
import logging
import socket
import struct

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from snipersight.sandbox.telegram import TelegramSandbox
from snipersight.sandbox.telegram.connections import end_quietly

HEAD = "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {}\r\nContent-Length: 1000\r\n\r\n{}"
MULTIPART = "multipart/form-data; boundary=b"
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


async def die_in_mid_request(server: TelegramSandbox, written: str, *, is_reset: bool) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
    writer.write(written.encode())
    await asyncio.sleep(0.05)  # the server has begun to read the body
    if is_reset:
        connection = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    writer.close()
    await asyncio.sleep(0.05)


@pytest.mark.parametrize("is_reset", [False, True])
@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("/bot{}/sendMessage", "application/json", '{"chat_id": 1001,'),
        ("/bot{}/sendMessage", "application/x-www-form-urlencoded", "chat_id=1001&te"),
        ("/bot{}/sendMessage", MULTIPART, "--b\r\nContent-Disposition: form-data; name=x\r\n"),
        ("/sandbox/faults", "application/json", '{"seed": '),
    ],
)
async def test_a_client_that_dies_while_it_writes_is_forgotten_quietly(
    path, kind, body, is_reset, caplog
):
    async with TelegramSandbox() as server, aiohttp.ClientSession() as client:
        written = HEAD.format(path.format(server.token), kind, body)
        await die_in_mid_request(server, written, is_reset=is_reset)
        assert "sendmessage" not in server.report()["requests"]
        async with client.get(f"{server.url}/bot{server.token}/getMe") as answer:
            assert answer.status == 200
    assert [one.getMessage() for one in caplog.records if one.levelno > logging.INFO] == []


async def test_a_broken_connection_of_the_sandboxs_own_is_no_secret():
    async def handler(request: web.Request) -> web.Response:
        raise ConnectionResetError("something else")

    with pytest.raises(ConnectionResetError, match="something else"):
        await end_quietly(make_mocked_request("GET", "/"), handler)
