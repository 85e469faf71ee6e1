"""What stands before every route, the web app's files, and the OpenAPI document."""

import functools
import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

import field_api
from field_api.app import create_app
from field_api.settings import Settings
from tests.field_api.post import Post, asgi_post, incident_body

OPENAPI_FILE = Path(field_api.__file__).parent / "web" / "openapi.json"


@functools.cache
def document() -> dict[str, Any]:
    return create_app(Settings()).openapi()


def test_committed_openapi_is_up_to_date() -> None:
    stored = json.loads(OPENAPI_FILE.read_text("utf-8"))
    stored["info"]["version"] = document()["info"]["version"]
    assert stored == document(), "run: xunshan admin openapi > field_api/web/openapi.json"


def test_every_operation_is_named_tagged_and_typed() -> None:
    names: list[str] = []
    for path, methods in document()["paths"].items():
        for operation in methods.values():
            names.append(operation["operationId"])
            assert operation["tags"], path
            assert operation["summary"], path
            codes = [code for code in operation["responses"] if code.startswith("2")]
            assert len(codes) == 1, path
            # tus answers with headers alone.
            if codes != ["204"] and "uploads" not in path:
                content = operation["responses"][codes[0]]["content"]
                assert all(media["schema"] for media in content.values()), path
            error = operation["responses"]["422"]["content"]["application/json"]["schema"]
            assert error == {"$ref": "#/components/schemas/ErrorBody"}, path
    assert len(names) == len(set(names))


def test_live_messages_are_in_the_document_and_every_reference_resolves() -> None:
    doc = document()
    schemas = doc["components"]["schemas"]
    kinds = schemas["LiveMessage"]["discriminator"]["mapping"]
    assert {"snapshot", "vehicle_state", "detection", "task", "timeline"} <= kinds.keys()
    references: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if "$ref" in node:
                references.add(node["$ref"])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(doc)
    assert {ref.rpartition("/")[2] for ref in references} <= schemas.keys()


async def test_foreign_pages_can_not_act_with_the_cookie(post: Post) -> None:
    cookies = {"xunshan_session": await post.token("duty")}
    async with httpx.AsyncClient(
        base_url="http://post.test/api/v1/",
        transport=httpx.ASGITransport(post.app),
        cookies=cookies,
    ) as browser:
        for headers in (
            {"Origin": "https://elsewhere.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
        ):
            answer = await browser.post("incidents", json=incident_body(), headers=headers)
            assert answer.status_code == 403
            assert answer.json()["detail"]["code"] == "foreign_origin"
        own = await browser.post(
            "incidents", json=incident_body(), headers={"Origin": "http://post.test"}
        )
        assert own.status_code == 201


async def test_a_configured_origin_may_act(settings: Settings) -> None:
    origin = "http://localhost:5173"
    allowed = settings.model_copy(update={"allowed_origins": [origin]})
    async with asgi_post(allowed) as post:
        duty = await post.sign_in("duty")
        answer = await duty.post("incidents", json=incident_body(), headers={"Origin": origin})
        assert answer.status_code == 201


@pytest.mark.parametrize("declared", [True, False])
async def test_large_bodies_are_refused_before_they_are_read(post: Post, declared: bool) -> None:
    duty = await post.sign_in("duty")
    limit = post.services.settings.max_body_bytes
    sent = 0

    async def chunks() -> Any:
        nonlocal sent
        for _ in range(100):
            sent += 100_000
            yield b" " * 100_000

    headers = {"content-type": "application/json"}
    if declared:
        headers["content-length"] = "10000000"
    answer = await duty.post("incidents", content=chunks(), headers=headers)
    assert answer.status_code == 413
    assert answer.json()["detail"]["code"] == "too_large"
    assert sent <= limit + 200_000


async def test_every_answer_forbids_remote_content(post: Post) -> None:
    async with post.anonymous() as client:
        for url in ("health", "nothing-here", "../../"):
            policy = (await client.get(url)).headers["content-security-policy"]
            assert "default-src 'self'" in policy
            assert "http" not in policy
            assert "*" not in policy


async def test_unknown_addresses_and_methods_answer_in_our_form(post: Post) -> None:
    async with post.anonymous() as client:
        unknown = await client.get("nothing-here")
        assert (unknown.status_code, unknown.json()["detail"]["code"]) == (404, "not_found")
        method = await client.put("session", json={})
        assert method.status_code == 405
        assert method.json()["detail"]["code"] == "method_not_allowed"


JPEG = b"\xff\xd8\xff\xe0" + b"x" * 100


@pytest.mark.parametrize(
    ("content", "media_type", "sha256", "status", "code"),
    [
        (JPEG, "image/gif", None, 415, "media_type"),
        (b"<svg>", "image/jpeg", None, 415, "media_differs"),
        (JPEG, "image/png", None, 415, "media_differs"),
        (JPEG, "image/jpeg", "0" * 64, 409, "hash_mismatch"),
        (JPEG, "image/jpeg", "zz", 422, "invalid"),
    ],
)
async def test_wrong_pictures_are_refused(
    post: Post, content: bytes, media_type: str, sha256: str | None, status: int, code: str
) -> None:
    handheld = await post.sign_in("ht-05")
    name = sha256 or hashlib.sha256(content).hexdigest()
    answer = await handheld.put(
        f"media/{name}", content=content, headers={"content-type": media_type}
    )
    assert (answer.status_code, answer.json()["detail"]["code"]) == (status, code)
    assert not list(post.services.settings.media_dir.rglob("*"))


async def test_a_picture_too_large_is_refused(settings: Settings) -> None:
    small = settings.model_copy(update={"max_media_bytes": 2048})
    async with asgi_post(small) as post:
        handheld = await post.sign_in("ht-05")
        data = JPEG + b"x" * 4000
        answer = await handheld.put(
            f"media/{hashlib.sha256(data).hexdigest()}",
            content=data,
            headers={"content-type": "image/jpeg"},
        )
        assert answer.status_code == 413


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A built web app."""
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "terminal").mkdir()
    (dist / "index.html").write_text("console")
    (dist / "terminal" / "index.html").write_text("handheld")
    (dist / "verify").mkdir()
    (dist / "verify" / "index.html").write_text("verification")
    (dist / "assets" / "app-1234.js").write_text("code")
    (tmp_path / "secret.txt").write_text("secret")
    return dist


async def test_web_app_files_and_fallbacks(settings: Settings, built: Path) -> None:
    app = create_app(settings, web_dist=built)
    async with httpx.AsyncClient(
        base_url="http://post.test", transport=httpx.ASGITransport(app)
    ) as browser:
        for url, text in (
            ("/", "console"),
            ("/incident/42", "console"),
            ("/terminal/", "handheld"),
            ("/terminal/tasks/1", "handheld"),
            ("/verify/01927000-0000-7000-8000-00000000abcd", "verification"),
        ):
            page = await browser.get(url)
            assert (page.status_code, page.text) == (200, text)
            assert page.headers["cache-control"] == "no-cache"
        code = await browser.get("/assets/app-1234.js")
        assert "immutable" in code.headers["cache-control"]
        assert code.headers["content-type"].startswith("text/javascript")
        assert (await browser.get("/assets/gone.js")).status_code == 404
        for url in ("/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt"):
            assert "secret" not in (await browser.get(url)).text


async def test_what_was_packed_at_the_build_is_not_packed_anew(
    settings: Settings, built: Path
) -> None:
    code = built / "assets" / "typst-1234.wasm"
    code.write_bytes(b"\0asm" * 1000)
    code.with_name(f"{code.name}.gz").write_bytes(gzip.compress(code.read_bytes(), 1))
    app = create_app(settings, web_dist=built)
    async with httpx.AsyncClient(
        base_url="http://post.test", transport=httpx.ASGITransport(app)
    ) as browser:
        packed = await browser.get("/assets/typst-1234.wasm")
        plain = await browser.get(
            "/assets/typst-1234.wasm", headers={"Accept-Encoding": "identity"}
        )
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) == len(gzip.compress(code.read_bytes(), 1))
    assert "content-encoding" not in plain.headers
    for answer in (packed, plain):
        assert answer.content == code.read_bytes()
        assert answer.headers["content-type"] == "application/wasm"
        assert answer.headers["vary"] == "Accept-Encoding"
        assert "immutable" in answer.headers["cache-control"]


async def test_missing_web_app_says_how_to_build_it(settings: Settings, tmp_path: Path) -> None:
    app = create_app(settings, web_dist=tmp_path / "nothing")
    async with httpx.AsyncClient(
        base_url="http://post.test", transport=httpx.ASGITransport(app)
    ) as browser:
        page = await browser.get("/")
        assert page.status_code == 503
        assert "make web" in page.text


async def test_every_route_is_built_before_the_first_request(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with asgi_post(settings, build_ahead=True) as post:
        await _asks_of_every_part(post, monkeypatch)


async def _asks_of_every_part(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []

    def late(*_args: object, original_route: APIRoute, **_more: object) -> None:
        built.append(original_route.path)
        raise AssertionError("built for a request")

    monkeypatch.setattr("fastapi.routing._EffectiveRouteContext.from_api_route", late)
    duty = await post.sign_in("duty")
    for path in ("tasks", "incidents", "registers", "sync/pull", "roster", "accounts", "health"):
        assert (await duty.get(path)).status_code in (200, 403), path
    assert built == []
