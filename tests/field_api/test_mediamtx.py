"""MediaMTX as the engine: exchanges as its published API has them; it was not run here."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest

from field_api.links.video.engines.chosen import chosen_engine
from field_api.links.video.engines.engine import EngineError
from field_api.links.video.engines.mediamtx import MediaMtxEngine
from field_api.settings import Settings
from tests.field_api.post import Post

SECRET = "a secret of the engine"
OFFER = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n"
ANSWER = "v=0\r\no=- 2 2 IN IP4 0.0.0.0\r\n"
NUMBER = "5c1e6a0e-2f0a-4d0c-9a36-6f1f5f0d2f11"
OK = httpx.Response(200, json={"status": "ok"})


@dataclass
class Recorded:
    """Answers in the order of the record, and what was asked."""

    answers: list[httpx.Response | Exception]
    asked: list[httpx.Request] = field(default_factory=list[httpx.Request])

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def lines(self) -> list[str]:
        return [f"{one.method} {one.url}" for one in self.asked]


def created() -> httpx.Response:
    return httpx.Response(
        201,
        headers={
            "Content-Type": "application/sdp",
            "ETag": "*",
            "ID": NUMBER,
            "Location": "/cam/whep/0b2c3d4e-secret",
        },
        content=ANSWER.encode(),
    )


def engine(answers: Callable[[httpx.Request], httpx.Response]) -> MediaMtxEngine:
    return MediaMtxEngine(
        "http://mtx:9997",
        "http://mtx:8889",
        "rtsp://post:8554",
        SECRET,
        transport=httpx.MockTransport(answers),
    )


async def test_a_stream_is_made_known_once_and_offers_are_passed_on() -> None:
    record = Recorded([OK, created(), created(), OK, OK])
    made = engine(record)
    answer = await made.answer("cam", OFFER, "full")
    assert answer.sdp == ANSWER
    second = await made.answer("cam", OFFER, "full")
    assert made.sessions() == 2
    await made.hang_up(answer.session_id)
    await made.hang_up(second.session_id)
    await made.hang_up(second.session_id)
    assert record.lines() == [
        "POST http://mtx:9997/v3/config/paths/add/cam",
        "POST http://mtx:8889/cam/whep",
        "POST http://mtx:8889/cam/whep",
        "DELETE http://mtx:8889/cam/whep/0b2c3d4e-secret",
        "DELETE http://mtx:8889/cam/whep/0b2c3d4e-secret",
    ]
    assert json.loads(record.asked[0].content) == {
        "source": "rtsp://post:8554/cam?token=a+secret+of+the+engine&size=full&for=browser",
        "sourceOnDemand": True,
        "sourceOnDemandCloseAfter": "10s",
        "rtspTransport": "tcp",
    }
    assert record.asked[1].content == OFFER.encode()
    assert record.asked[1].headers["Content-Type"] == "application/sdp"
    assert all(r.headers["Authorization"].startswith("Basic ") for r in record.asked)
    await made.close()


async def test_what_it_knows_otherwise_or_has_forgotten_is_told_anew() -> None:
    there = httpx.Response(400, json={"status": "error", "error": "path already exists"})
    gone = httpx.Response(404, json={"error": "path 'cam~low' is not configured"})
    record = Recorded([there, OK, created(), gone, OK, created(), OK, OK])
    made = engine(record)
    await made.answer("cam", OFFER, "low")
    await made.answer("cam", OFFER, "low")
    assert [line.split("/", 3)[3] for line in record.lines()] == [
        "v3/config/paths/add/cam~low",
        "v3/config/paths/replace/cam~low",
        "cam~low/whep",
        "cam~low/whep",
        "v3/config/paths/add/cam~low",
        "cam~low/whep",
    ]
    await made.close()


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ([httpx.ConnectError("no")], "does not answer: ConnectError"),
        (
            [
                httpx.Response(401),
            ],
            "refuses the stream: 401",
        ),
        ([OK, httpx.Response(400, text="bad offer")], "refuses the offer: 400 bad offer"),
        ([OK, httpx.Response(201, text=ANSWER)], "refuses the offer: 201"),
    ],
)
async def test_a_refusal_is_said(answers: list[httpx.Response | Exception], says: str) -> None:
    made = engine(Recorded(answers))
    with pytest.raises(EngineError, match=says):
        await made.answer("cam", OFFER, "full")
    assert made.sessions() == 0
    await made.close()


async def test_a_viewing_that_ended_there_is_over_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("field_api.links.video.engines.mediamtx.LOOK_EVERY_S", 0.01)
    session = httpx.Response(200, json={"id": NUMBER, "path": "cam", "state": "read"})
    over = httpx.Response(404, json={"status": "error", "error": "session not found"})
    record = Recorded([OK, created(), session, httpx.ConnectError("no"), session, over, over])
    made = engine(record)
    answer = await made.answer("cam", OFFER, "full")
    async with asyncio.timeout(10):
        await made.ended(answer.session_id)
    assert made.sessions() == 0
    assert record.lines()[2] == f"GET http://mtx:9997/v3/webrtcsessions/get/{NUMBER}"
    await made.close()


async def test_it_is_asked_about_whoever_wants_something_there(live_post: Post) -> None:
    client = live_post.anonymous()
    url = "video/engines/mediamtx/auth"
    question = {"user": "xunshan", "password": SECRET, "action": "read", "path": "cam", "ip": "x"}
    refused = await client.post(url, json=question)
    assert refused.status_code == 401
    assert refused.json()["detail"]["code"] == "not_signed_in"
    settings = live_post.services.settings
    live_post.services.settings = settings.model_copy(
        update={
            "video_engine": "mediamtx",
            "video_engine_secret": Settings(video_engine_secret=SECRET).video_engine_secret,
        }
    )
    assert (await client.post(url, json=question)).status_code == 204
    for wrong in ({"password": "wrong"}, {"user": ""}, {"action": "publish"}):
        assert (await client.post(url, json={**question, **wrong})).status_code == 401


def test_the_settings_choose_the_engine_and_say_what_it_lacks() -> None:
    with pytest.raises(ValueError, match="video_engine mediamtx needs video_engine_whep_url"):
        Settings(video_engine="mediamtx", video_engine_url="http://mtx:9997")
    with pytest.raises(ValueError, match="video_engine janus needs video_engine_url"):
        Settings(video_engine="janus")
    settings = Settings(video_engine="janus", video_engine_url="http://127.0.0.1:8088/janus")
    assert settings.video_engine == "janus"
    assert chosen_engine(Settings(), None, ()).name == "embedded"  # type: ignore[arg-type]
