"""Schema-driven fuzzing: whatever a client sends, no request ends in a server error (E3).

`FUZZ_REQUESTS=20000` asks for more than the default.
"""

import asyncio
import json
import os
import shutil
from collections.abc import Generator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from field_api.app import create_app
from field_api.contract.ids import new_id
from field_api.settings import Settings
from tests.field_api.post import SMOKE, Post, TestClock, incident_body

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.just("\x00"),
    st.just([]),
    st.just({}),
    st.lists(st.integers(), max_size=3),
)

DOCUMENT: dict[str, Any] = create_app(Settings()).openapi()
OPERATIONS = [
    (path, method, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    if operation["operationId"] not in ("signOut", "getRelief", "getMapBase")
]
ROLES = ("duty", "commander", "pilot", "ht-05", "auditor", "admin")
"""Accounts that send each request, one of every role that signs in by password."""
REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "720"))
KNOWN_IDS = [new_id() for _ in range(3)]


def resolve(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def valid(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return values that fit `schema`, as far as it matters here."""
    schema = resolve(schema)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return st.one_of([valid(option) for option in schema[key]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    match schema.get("type"):
        case "string":
            return valid_text(schema)
        case "integer":
            low = schema.get("minimum", 0)
            return st.integers(low, max(low, schema.get("maximum", low + 10**6)))
        case "number":
            low = schema.get("minimum", schema.get("exclusiveMinimum", -1e6))
            high = schema.get("maximum", schema.get("exclusiveMaximum", 1e6))
            return st.floats(low, high, exclude_max="exclusiveMaximum" in schema)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "array":
            low = schema.get("minItems", 0)
            return st.lists(valid(schema["items"]), min_size=low, max_size=max(low, 4))
        case _:
            return valid_object(schema)


def valid_text(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    pattern = schema.get("pattern")
    if pattern is None:
        low = schema.get("minLength", 0)
        high = min(schema.get("maxLength", 30), 30)
        named = st.sampled_from(["XS-U1", "HT-05", "西坡", "G3", "duty"])
        return st.one_of(named, st.text(min_size=low, max_size=max(low, high)))
    if "7[0-9a-f]{3}" in pattern:
        return st.one_of(st.sampled_from(KNOWN_IDS), st.builds(new_id))
    return st.from_regex(pattern, fullmatch=True)


def valid_object(schema: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    properties = schema.get("properties", {})
    required = schema.get("required", [])
    return st.fixed_dictionaries(
        {name: valid(properties[name]) for name in required},
        optional={name: valid(part) for name, part in properties.items() if name not in required},
    )


@st.composite
def request(draw: st.DrawFn) -> tuple[str, str, dict[str, Any], bytes | None]:
    path, method, operation = draw(st.sampled_from(OPERATIONS))
    query: dict[str, Any] = {}
    for parameter in operation.get("parameters", []):
        value = draw(st.one_of(valid(parameter["schema"]), valid(parameter["schema"]), JUNK))
        if parameter["in"] == "path":
            text = quote(str(value).strip("."), safe="") or "x"
            path = path.replace(f"{{{parameter['name']}}}", text)
        elif value is not None and draw(st.booleans()):
            query[parameter["name"]] = str(value)
    body: bytes | None = None
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content:
        value = draw(valid(content["schema"]))
        match draw(st.integers(0, 5)):
            case 0 if value:
                value[draw(st.sampled_from(sorted(value)))] = draw(JUNK)
            case 1:
                value = draw(JUNK)
            case 2:
                value["unknown_field"] = draw(JUNK)
            case _:
                pass
        body = json.dumps(value).encode()
        if draw(st.integers(0, 20)) == 0:
            body = draw(st.one_of(st.binary(max_size=30), st.just(b'{"a": NaN}'), st.just(b"[")))
    elif "requestBody" in operation:
        body = draw(st.binary(max_size=40))
    return path, method, query, body


class Fuzzed:
    """A command post whose loop outlives the single examples."""

    def __init__(self, data_settings: Settings) -> None:
        self._runner = asyncio.Runner()
        clock = TestClock()
        app = create_app(data_settings, clock=clock, build_ahead=False)
        self._life = app.router.lifespan_context(app)
        self._runner.run(self._life.__aenter__())
        post = Post(app, clock, "http://post.test", httpx.ASGITransport(app))
        self._clients = self._runner.run(self._prepare(post))

    async def _prepare(self, post: Post) -> list[httpx.AsyncClient]:
        duty = await post.sign_in("duty")
        await duty.post("incidents", json=incident_body(id=KNOWN_IDS[0]))
        await post.place_terminal("HT-05", *SMOKE)
        return [await post.sign_in(name) for name in ROLES]

    def ask(self, path: str, method: str, query: dict[str, Any], body: bytes | None) -> None:
        """Send one request as every role."""
        self._runner.run(self._ask(path, method, query, body))

    async def _ask(self, path: str, method: str, query: dict[str, Any], body: bytes | None) -> None:
        kind = "image/jpeg" if path.startswith("/api/v1/media") else "application/json"
        for client in self._clients:
            answer = await client.request(
                method,
                path.removeprefix("/api/v1/"),
                params=query,
                content=body,
                headers={"content-type": kind} if body is not None else {},
            )
            assert answer.status_code < 500
            if answer.status_code >= 400 and method != "head":
                detail = answer.json()["detail"]
                assert detail["code"]
                assert detail["text_zh"]
                assert detail["text_en"]

    def close(self) -> None:
        """Stop."""
        self._runner.run(self._life.__aexit__(None, None, None))
        self._runner.close()


@pytest.fixture(scope="module")
def fuzzed(seeded: Any, tmp_path_factory: pytest.TempPathFactory) -> Generator[Fuzzed]:
    """One command post for all examples: what they leave behind makes later ones deeper."""
    data_dir = tmp_path_factory.mktemp("fuzz") / "data"
    shutil.copytree(seeded, data_dir)
    running = Fuzzed(Settings(data_dir=data_dir))
    yield running
    running.close()


@settings(
    max_examples=REQUESTS // len(ROLES),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(request())
def test_no_request_ends_in_a_server_error(
    fuzzed: Fuzzed, asked: tuple[str, str, dict[str, Any], bytes | None]
) -> None:
    fuzzed.ask(*asked)
