"""The post behind a real nginx that is set up as docs/operations.md says."""

import asyncio
import hashlib
import json
import os
import shutil
import ssl
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from field_api.contract.link import LinkClient
from tests.field_api.command_post import PASSWORD, in_process
from tests.field_api.nginx import installed, nginx
from tests.field_api.post import incident_body
from tests.field_api.served import ServedPost, served
from tests.field_api.test_inbox import ignore
from tests.field_api.test_tls import init
from tests.field_api.test_uploads import CHUNK, CLOSED, begun

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PUBLIC = "https://post.example"
ELSEWHERE = "127.0.0.2"
"""A person's machine: loopback has many addresses."""
WITHIN_S = 60
LOGGED_WITHIN_S = 20
ARRIVES_S = 30


@dataclass(frozen=True)
class Behind:
    """A post behind a proxy, and what a browser there needs."""

    post: ServedPost
    port: int
    trust: ssl.SSLContext
    authority: Path
    data_dir: Path

    def client(self) -> httpx.Client:
        """A browser on another machine, which knows the post by its public name."""
        return httpx.Client(
            base_url=f"https://127.0.0.1:{self.port}/api/v1/",
            headers={"Host": "post.example"},
            transport=httpx.HTTPTransport(verify=self.trust, local_address=ELSEWHERE),
            timeout=WITHIN_S,
        )

    @contextmanager
    def signed_in(self, username: str) -> Generator[httpx.Client]:
        """The same, with a session."""
        with self.client() as client:
            answer = client.post("session", json={"username": username, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
            yield client

    def here(self, address: str) -> str:
        """An address that the post told, as this test reaches it."""
        assert address.startswith(PUBLIC), address
        return address.replace(PUBLIC, f"https://127.0.0.1:{self.port}", 1)


@pytest.fixture(scope="module")
def behind(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[Behind]:
    if not installed():
        pytest.skip("nginx is not installed on this machine: apt-get install nginx-light")
    folder = tmp_path_factory.mktemp("nginx")
    data_dir = shutil.copytree(seeded, folder / "data")
    files = init(folder / "proxy")
    settings = {"XUNSHAN_PUBLIC_URL": PUBLIC, "XUNSHAN_TRUSTED_PROXIES": '["127.0.0.1"]'}
    with (
        served(data_dir, "--log-format", "json", **settings) as post,
        nginx(folder, post.port, files) as port,
    ):
        trust = ssl.create_default_context(cafile=files.authority)
        yield Behind(post, port, trust, files.authority, data_dir)


def lines(behind: Behind) -> Iterator[dict[str, Any]]:
    """What the post has logged of requests."""
    for line in behind.post.logged:
        told: dict[str, Any] = json.loads(line)
        if told["event"] == "request":
            yield told


def test_pages_of_the_public_name_act_by_a_secure_cookie_and_others_do_not(behind: Behind) -> None:
    with behind.client() as browser:
        answer = browser.post("session", json={"username": "duty", "password": PASSWORD})
        assert "secure" in answer.headers["set-cookie"].lower()
        assert "strict-transport-security" in answer.headers
        browser.cookies.clear()
        cookie = answer.headers["set-cookie"].partition(";")[0]
        for origin, status in ((PUBLIC, 201), ("https://elsewhere.example", 403)):
            headers = {"Origin": origin, "Cookie": cookie}
            made = browser.post("incidents", json=incident_body(), headers=headers)
            assert made.status_code == status, made.text


def test_the_log_knows_who_asked_and_by_which_number(behind: Behind) -> None:
    with behind.client() as browser:
        answer = browser.get("health")
    number = answer.headers["x-request-id"]
    assert len(number) == 32, "the proxy's own number"
    # A line is written when its answer has been sent, and read by another thread.
    until = time.monotonic() + LOGGED_WITHIN_S
    while not (found := [line for line in lines(behind) if line["request_id"] == number]):
        assert time.monotonic() < until, "the request is not in the log"
        time.sleep(0.05)
    assert [line["source"] for line in found] == [ELSEWHERE]


def test_what_is_for_this_machine_alone_is_not_told_outside(behind: Behind) -> None:
    with httpx.Client(
        transport=httpx.HTTPTransport(verify=behind.trust), headers={"Host": "post.example"}
    ) as client:
        assert client.get(f"https://127.0.0.1:{behind.port}/metrics").status_code in (401, 403)


async def test_live_messages_and_nodes_come_through(
    behind: Behind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrolled = in_process("admin", "enrol", "fleet-1", "fleet", "--data-dir", behind.data_dir)
    assert enrolled.exit_code == 0, enrolled.output
    url = f"wss://127.0.0.1:{behind.port}/api/v1/"
    with behind.signed_in("duty") as duty:
        token = duty.post("session", json={"username": "duty", "password": PASSWORD}).json()
        headers = {"Authorization": f"Bearer {token['token']}"}
        async with connect(f"{url}live", ssl=behind.trust, additional_headers=headers) as live:
            body = incident_body()
            made = await asyncio.to_thread(duty.post, "incidents", json=body)
            assert made.status_code == 201, made.text
            async with asyncio.timeout(WITHIN_S):
                while body["id"] not in str(await live.recv()):
                    pass
    monkeypatch.setenv("SSL_CERT_FILE", str(behind.authority))
    node = LinkClient(f"{url}link", "fleet-1", "fleet", enrolled.stdout.strip(),
                      tmp_path / "outbox", "1", ignore)  # fmt: skip
    connecting = asyncio.create_task(node.run())
    async with asyncio.timeout(WITHIN_S):
        await node.wait_connected()
    connecting.cancel()
    await asyncio.gather(connecting, return_exceptions=True)
    node.close()


def test_an_upload_that_was_cut_goes_on_where_it_was(behind: Behind) -> None:
    """A proxy that waits for the whole request forgets it when the sender is gone."""
    content = b"\xff\xd8\xff\xe0" + os.urandom(2_000_000)

    class CutError(Exception):
        pass

    with behind.signed_in("ht-05") as handheld, behind.signed_in("ht-05") as asking:
        made = handheld.post("uploads", headers=begun(content))
        assert made.status_code == 201, made.text
        url = behind.here(made.headers["location"])

        def offset() -> int:
            return int(asking.head(url, headers=CLOSED).headers["upload-offset"])

        def half_of_it() -> Iterator[bytes]:
            yield content[:1_000_000]
            raise CutError

        headers = {**CHUNK, "Upload-Offset": "0"}
        length = {"Content-Length": str(len(content))}
        with pytest.raises(CutError):
            handheld.patch(url, content=half_of_it(), headers={**headers, **length})
        end_s = time.monotonic() + ARRIVES_S
        while not (at := offset()):
            assert time.monotonic() < end_s, "nothing of it arrived"
            time.sleep(0.1)
        assert at <= 1_000_000
        with behind.signed_in("ht-05") as again:
            headers = {**CHUNK, "Upload-Offset": str(at)}
            sent = again.patch(url, content=content[at:], headers=headers)
            assert sent.status_code == 204, sent.text
    with behind.signed_in("commander") as commander:
        sha256 = hashlib.sha256(content).hexdigest()
        assert commander.get(f"media/{sha256}").content == content
