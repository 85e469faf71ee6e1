"""`xunshan serve` as a process: what it says at the start, logs, and how it ends."""

import asyncio
import contextlib
import json
import shutil
import signal
import socket
from pathlib import Path

import httpx
import pytest
from websockets import ConnectionClosed
from websockets.asyncio.client import ClientConnection, connect

from field_api.serving.first_run import warnings
from field_api.settings import Settings
from tests.field_api.command_post import in_process
from tests.field_api.served import served

CLOSE_RESTART = 1012
"""The socket's way of saying: come back in a moment."""
STOPPED = -signal.SIGTERM
"""uvicorn ends in order, and then by the signal that it was asked with."""
SIGN_IN = {"username": "duty", "password": "xunshan-demo"}


async def until_closed(live: ClientConnection) -> None:
    """Read what still comes until the other end closes."""
    with contextlib.suppress(ConnectionClosed):
        async for _ in live:
            pass
    await live.wait_closed()


def test_an_empty_post_says_what_comes_first(tmp_path: Path) -> None:
    data_dir = tmp_path / "new"
    with served(data_dir) as post:
        answer = httpx.get(f"http://127.0.0.1:{post.port}/ready", trust_env=False)
        assert answer.status_code == 200, answer.text
        assert post.stop() == STOPPED
    assert post.said[0].endswith(f"http://127.0.0.1:{post.port}")
    (first_steps,) = post.said[1:]
    assert f"xunshan admin user add NAME --role admin --name 'FULL NAME' --data-dir {data_dir}" in (
        first_steps
    )


def test_the_log_is_one_object_a_line_of_everything(tmp_path: Path, seeded: Path) -> None:
    data_dir = shutil.copytree(seeded, tmp_path / "data")
    with served(data_dir, "--log-format", "json") as post:
        url = f"http://127.0.0.1:{post.port}/api/v1"
        number = httpx.get(f"{url}/tasks", trust_env=False).headers["x-request-id"]
        # What uvicorn has to say of a request that is none.
        with socket.create_connection(("127.0.0.1", post.port), timeout=30) as raw:
            raw.sendall(b"no request at all\r\n\r\n")
            assert b" 400 " in raw.recv(1000)
        assert post.stop() == STOPPED
    lines = [json.loads(line) for line in post.logged]
    (request,) = [line for line in lines if line.get("request_id") == number and "ms" in line]
    assert (request["event"], request["status"], request["principal"]) == ("request", 401, None)
    assert {"uvicorn.error", "access"} <= {line["logger"] for line in lines}
    assert all({"timestamp", "level"} <= line.keys() for line in lines)
    assert len(post.said) == 1


async def test_stopping_ends_requests_and_tells_browsers_to_come_back(
    tmp_path: Path, seeded: Path
) -> None:
    data_dir = shutil.copytree(seeded, tmp_path / "data")
    with served(data_dir, XUNSHAN_STOP_WITHIN_S="60") as post:
        address = f"127.0.0.1:{post.port}"
        async with httpx.AsyncClient(
            base_url=f"http://{address}/api/v1/", trust_env=False
        ) as client:
            token = (await client.post("session", json=SIGN_IN)).json()["token"]
            client.headers["Authorization"] = f"Bearer {token}"
            began, go_on = asyncio.Event(), asyncio.Event()

            async def slow_body() -> object:
                yield b'{"username": "duty", '
                began.set()
                await go_on.wait()
                yield b'"password": "xunshan-demo"}'

            headers = {"Content-Type": "application/json"}
            async with connect(
                f"ws://{address}/api/v1/live",
                additional_headers={"Authorization": f"Bearer {token}"},
                proxy=None,
            ) as live:
                await live.recv()
                slow = asyncio.create_task(
                    client.post("session", content=slow_body(), headers=headers, timeout=60)
                )
                await began.wait()
                # The server has the first half once it has answered what came later.
                assert (await client.get("session")).status_code == 200
                post.process.send_signal(signal.SIGTERM)
                async with asyncio.timeout(60):
                    await until_closed(live)
                assert live.close_code == CLOSE_RESTART
                go_on.set()
                assert (await slow).status_code == 200
        assert await asyncio.to_thread(post.ended) == STOPPED


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"host": "0.0.0.0"}, "tls init"),
        ({"host": "192.168.1.10"}, "public_url"),
        ({"public_url": "https://a.example", "secure_cookies": False}, "secure_cookies"),
        ({"host": "127.0.0.1"}, None),
        ({"host": "::1"}, None),
        ({"host": "localhost"}, None),
        ({"host": "0.0.0.0", "public_url": "https://a.example"}, None),
    ],
)
def test_what_is_unsafe_is_said_at_the_start(
    tmp_path: Path, given: dict[str, object], says: str | None
) -> None:
    told = list(warnings(Settings(data_dir=tmp_path, **given)))  # pyright: ignore[reportArgumentType]
    assert len(told) == (says is not None)
    assert says is None or says in told[0]


def test_several_workers_need_what_they_share(tmp_path: Path) -> None:
    refused = in_process("serve", "--workers", 2, "--data-dir", tmp_path)
    assert refused.exit_code == 2
    assert "database_url" in refused.output
    assert "broker_url" in refused.output
