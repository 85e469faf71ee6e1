"""What strangers and proxies send before anything is known of them."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

import field_api
from field_api.contract.ids import new_id
from field_api.core.pacing import Pacing
from field_api.core.refusals import Refusals
from field_api.links.browsers.pages import PAGES
from field_api.settings import Settings
from tests.field_api.post import Post, asgi_post, incident_body
from tests.field_api.test_uploads import begun

RIGHT = {"username": "duty", "password": "xunshan-demo"}
PUBLIC = "https://post.example"
CONSOLE = Path(field_api.__file__).parent / "web" / "src" / "shared" / "router" / "console.ts"

# --- headers that hold anything --------------------------------------------------------------

NASTY = st.sampled_from(
    [b"http://[", b"http://[::1", b"[", b"http://a:b:c", b"null", b"//", b"\xb2", b"-1", b"1e9"]
)
VALUE = NASTY | st.binary(max_size=40).map(lambda raw: raw.translate(None, b"\r\n\x00"))
NAMES = (
    "origin", "host", "forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host",
    "x-request-id", "content-length", "cookie", "authorization", "sec-fetch-site", "referer",
    "x-xunshan-device", "accept", "accept-language", "if-none-match", "range",
)  # fmt: skip


@hypothesis_settings(
    max_examples=80,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(headers=st.dictionaries(st.sampled_from(NAMES), VALUE, min_size=1, max_size=6))
async def test_no_header_makes_the_server_fail(
    behind_proxy: Post, headers: dict[str, bytes]
) -> None:
    for method, path in (("POST", "/api/v1/session"), ("GET", "/api/v1/tasks"), ("GET", "/gone")):
        status = await raw(behind_proxy, method, path, headers)
        assert 200 <= status < 500, (method, path, headers)


async def raw(post: Post, method: str, path: str, headers: dict[str, bytes]) -> int:
    """Ask without a client that would set headers right; return the status."""
    statuses: list[int] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
        "root_path": "", "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 8600),
        "headers": [(name.encode(), value) for name, value in headers.items()],
    }  # fmt: skip
    await post.app(scope, receive, send)
    (status,) = statuses
    return status


# --- proxies ---------------------------------------------------------------------------------


@pytest.fixture
async def behind_proxy(settings: Settings) -> Any:
    """A post behind a proxy on this machine."""
    proxied = Settings(
        data_dir=settings.data_dir, improve_s=0, public_url=PUBLIC, trusted_proxies=["127.0.0.1"]
    )  # pyright: ignore[reportArgumentType]
    async with asgi_post(proxied) as running:
        yield running


async def test_a_refusal_as_foreign_names_the_setting(post: Post) -> None:
    duty = await post.sign_in("duty")
    answer = await duty.post("incidents", json=incident_body(), headers={"Origin": PUBLIC})
    assert answer.status_code == 403
    for text in (answer.json()["detail"]["text_zh"], answer.json()["detail"]["text_en"]):
        assert "public_url" in text
        assert PUBLIC in text


async def test_pages_of_the_public_address_may_act(behind_proxy: Post) -> None:
    duty = await behind_proxy.sign_in("duty")
    rewritten = {"Origin": PUBLIC, "Host": "10.0.0.5:8600"}
    answer = await duty.post("incidents", json=incident_body(), headers=rewritten)
    assert answer.status_code == 201
    other = {"Origin": "https://elsewhere.example", "Host": "10.0.0.5:8600"}
    assert (await duty.post("incidents", json=incident_body(), headers=other)).status_code == 403


async def test_addresses_that_are_told_are_the_public_ones(behind_proxy: Post) -> None:
    admin = await behind_proxy.sign_in("admin")
    invited = await admin.post(
        "devices", json={"id": new_id(), "kind": "handheld", "subject_id": "HT-05"}
    )
    assert invited.status_code == 201, invited.text
    assert invited.json()["url"].startswith(f"{PUBLIC}/terminal/#enrol=")
    handheld = await behind_proxy.sign_in("ht-05")
    made = await handheld.post("uploads", headers=begun(b"\xff\xd8\xff\xe0" + bytes(100)))
    assert made.status_code == 201, made.text
    assert made.headers["location"].startswith(f"{PUBLIC}/api/v1/uploads/")


async def test_an_upload_goes_on_at_the_site_whose_page_asks(behind_proxy: Post) -> None:
    handheld = await behind_proxy.sign_in("ht-05")
    own = behind_proxy.base_url
    for site in (own, PUBLIC):
        headers = {**begun(b"\xff\xd8\xff\xe0" + bytes(100)), "Origin": site}
        made = await handheld.post("uploads", headers=headers)
        assert made.status_code == 201, made.text
        assert made.headers["location"].startswith(f"{site}/api/v1/uploads/")


async def test_https_makes_the_cookie_secure_and_stays(behind_proxy: Post, post: Post) -> None:
    async with behind_proxy.anonymous() as client:
        there = await client.post("session", json=RIGHT)
    async with post.anonymous() as client:
        here = await client.post("session", json=RIGHT)
    assert "secure" in there.headers["set-cookie"].lower()
    assert "max-age" in there.headers["strict-transport-security"]
    assert "secure" not in here.headers["set-cookie"].lower()
    assert "strict-transport-security" not in here.headers


async def test_only_a_trusted_proxy_is_believed(behind_proxy: Post, post: Post) -> None:
    forwarded = {"X-Forwarded-For": "198.51.100.7", "X-Request-ID": "proxy-17"}
    for running, believed in ((behind_proxy, True), (post, False)):
        async with running.anonymous() as client:
            answer = await client.post("session", json=RIGHT, headers=forwarded)
        assert (answer.headers["x-request-id"] == "proxy-17") is believed
        trail = (await (await running.sign_in("auditor")).get("audit")).json()
        opened = next(entry for entry in trail if entry["action"] == "session.opened")
        assert (opened["source"] == "198.51.100.7") is believed


@pytest.mark.parametrize(
    "text", ["post.example", "ftp://post", "https://a/b", "https://a?b", "http://["]
)
def test_a_wrong_public_address_is_explained(text: str) -> None:
    with pytest.raises(ValueError, match=r"public_url"):
        Settings(public_url=text)


def test_a_public_address_is_kept_as_browsers_send_it() -> None:
    given = ("HTTPS://Post.Example/", "https://post.example:443", "http://10.0.0.5:8600")
    kept = [Settings(public_url=text).public_url for text in given]
    assert kept == [PUBLIC, PUBLIC, "http://10.0.0.5:8600"]


# --- the log ---------------------------------------------------------------------------------


async def test_every_request_has_one_line_and_gives_its_number_back(post: Post) -> None:
    duty = await post.sign_in("duty")
    incident_id = await post.open_incident()
    with capture_logs([structlog.contextvars.merge_contextvars]) as lines:
        answer = await duty.get(f"incidents/{incident_id}")
    (line,) = [line for line in lines if line["event"] == "request"]
    assert line["request_id"] == answer.headers["x-request-id"]
    assert (line["method"], line["status"], line["principal"]) == ("GET", 200, "duty")
    assert line["route"].endswith("/incidents/{incident_id}")
    assert line["ms"] >= 0


async def test_a_refusal_tells_the_number_to_ask_for(post: Post) -> None:
    async with post.anonymous() as client:
        for answer in (await client.get("tasks"), await client.post("session", json={})):
            assert answer.json()["detail"]["request_id"] == answer.headers["x-request-id"]


async def test_a_fault_is_answered_in_our_form_and_logged_once(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    duty = await post.sign_in("duty")

    def fail(*_args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(post.services.store, "read", fail)
    with capture_logs([structlog.contextvars.merge_contextvars]) as lines:
        answer = await duty.get("incidents")
    assert (answer.status_code, answer.json()["detail"]["code"]) == (500, "internal")
    (fault,) = [line for line in lines if line["event"] == "request_failed"]
    assert fault["request_id"] == answer.json()["detail"]["request_id"]


# --- addresses -------------------------------------------------------------------------------


async def test_addresses_of_machines_get_no_page(post: Post) -> None:
    async with httpx.AsyncClient(
        base_url="http://post.test", transport=httpx.ASGITransport(post.app)
    ) as machine:
        for path in ("/healthz", "/readyz", "/livez", "/wp-login.php", "/metrics/x", "/v1/status"):
            answer = await machine.get(path)
            assert (answer.status_code, answer.json()["detail"]["code"]) == (404, "not_found"), path
        person = await machine.get("/nothing", headers={"Accept": "text/html,*/*"})
        assert person.status_code in (404, 503)  # 503 where the page is not built here


async def test_the_web_apps_own_addresses_are_known() -> None:
    addresses = re.findall(r"'(/[^']*)'", CONSOLE.read_text("utf-8"))
    assert len(addresses) > 10
    assert {address.split("/")[1] for address in addresses} | {"terminal", "verify"} == PAGES


# --- floods ----------------------------------------------------------------------------------


def test_refusals_without_end_are_answered_slowly() -> None:
    pacing = Pacing(burst=10, per_s=5, most_delay_s=2)
    delays = [pacing.delay_s("here", 100.0) for _ in range(100)]
    assert delays[:10] == [0.0] * 10
    assert delays[11] > 0
    assert delays == sorted(delays)
    assert delays[-1] == 2
    assert pacing.delay_s("elsewhere", 100.0) == 0
    assert pacing.delay_s("here", 110.0) == 0


async def test_sign_ins_of_strangers_do_not_fill_the_trail(settings: Settings) -> None:
    many = settings.model_copy(update={"login_source_tries": 1000})
    async with asgi_post(many) as post:
        auditor = await post.sign_in("auditor")
        async with post.anonymous() as client:
            for number in range(60):
                wrong = {"username": f"nobody-{number}", "password": "guess"}
                await client.post("session", json=wrong)
        trail = (await auditor.get("audit")).json()
        assert [entry["action"] for entry in trail].count("session.refused") == 1
        post.clock.advance_s(61)
        post.services.part(Refusals).write_down()
        newest = (await auditor.get("audit")).json()[0]
        assert newest["action"] == "session.refused_again"
        assert "59" in newest["text_zh"]
        assert (await auditor.get("audit/verify")).json()["intact"]
