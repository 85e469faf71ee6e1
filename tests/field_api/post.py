"""A command post for tests: seeded, with a clock that tests move."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from sqlmodel import select
from websockets.asyncio.client import ClientConnection

from field_api.app import create_app, make_services
from field_api.contract.ids import new_id
from field_api.contract.scenario import load_scenario
from field_api.core.roles import Actor, Role
from field_api.core.services import Services
from field_api.features.accounts.demo import seed_accounts
from field_api.features.accounts.devices import enrol_node
from field_api.features.accounts.sessions import token_hash
from field_api.features.accounts.tables import DeviceKind, User, UserSession
from field_api.features.law.seeds import put_in_law
from field_api.features.roster.scenario import seed_roster
from field_api.settings import Settings

T0_MS = 1_742_020_200_000
"""2025-03-15 14:30 in Kunming: broad daylight."""

OPERATOR = Actor("cli:test", "test", "command line")

SMOKE = (24.9415, 102.6185)
AREA = [(24.9385, 102.6205), (24.9385, 102.6265), (24.9335, 102.6265), (24.9335, 102.6205)]

SCENARIO: dict[str, Any] = {
    "id": "TEST",
    "crs": "WGS-84",
    "points": {
        "FCP 前线指挥所": {"lat": 24.9478, "lon": 102.6108},
        "SMOKE 烟点": {"lat": SMOKE[0], "lon": SMOKE[1], "name_en": "Smoke"},
    },
    "aircraft": [
        {
            "id": f"XS-U{number}",
            "name": name,
            "type": "多旋翼(SITL copter)",
            "base": "FCP",
            "sysid": number,
            "cruise_ms": 8,
            "endurance_min": 30,
        }
        for number, name in ((1, "侦察一号"), (2, "搜救二号"))
    ],
    "teams": [{"id": "T3", "name": "碧鸡应急队", "people": 45, "station": "碧鸡街道"}],
    "terminals": [
        {"id": "HT-05", "holder": "T3队长", "kind": "手持指挥"},
        {"id": "HT-06", "holder": "T3副队长", "kind": "手持指挥"},
        {"id": "HT-11", "holder": "护林员", "kind": "信息员手机"},
    ],
    "fences": [
        {
            "id": "G3",
            "kind": "controlled",
            "name": "危险品仓储区",
            "reason": "易燃易爆危险品",
            "circle": [24.936, 102.6235, 200],
        }
    ],
}

CHECKLIST = dict.fromkeys(
    ("airframe", "battery", "airspace", "weather", "crew", "area_clear", "lights"), True
)


class TestClock:
    """UTC milliseconds that stand still until moved."""

    __test__ = False

    def __init__(self) -> None:
        self.now_ms = T0_MS

    def __call__(self) -> int:
        return self.now_ms

    def advance_s(self, seconds: float) -> None:
        """Move on."""
        self.now_ms += int(seconds * 1000)


def seed(data_dir: Path, database_url: str = "") -> None:
    """Fill a data directory and its database with the test scenario and the demo's accounts."""
    file = data_dir / "scenario.json"
    data_dir.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(SCENARIO), "utf-8")
    settings = Settings(data_dir=data_dir, database_url=database_url)
    services = make_services(settings, lambda: T0_MS)
    scenario = load_scenario(file)
    with services.store.change(OPERATOR) as change:
        seed_roster(change, scenario)
        seed_accounts(change, scenario)
    # Put in at every start: once here saves it in every test.
    put_in_law(services)
    services.close()


class Post:
    """One running command post."""

    def __init__(self, app: FastAPI, clock: TestClock, base_url: str, transport: Any) -> None:
        self.app = app
        self.clock = clock
        self.base_url = base_url
        self._transport = transport
        self._clients: dict[str, httpx.AsyncClient] = {}

    @property
    def services(self) -> Services:
        """What the app works with."""
        services = self.app.state.services
        assert isinstance(services, Services)
        return services

    def anonymous(self) -> httpx.AsyncClient:
        """Return a client that is not signed in."""
        return httpx.AsyncClient(
            base_url=f"{self.base_url}/api/v1/", transport=self._transport, timeout=30
        )

    async def sign_in(self, username: str) -> httpx.AsyncClient:
        """Return a client with a session of a seeded account, as a bearer token.

        The session is put in the store, not fetched: argon2 is slow on purpose.
        """
        if username not in self._clients:
            token = f"test-{new_id()}"
            with self.services.store.housekeep() as session:
                user = session.exec(select(User).where(User.username == username)).one()
                session.add(
                    UserSession(
                        token_hash=token_hash(token),
                        user_id=user.id,
                        created_ms=self.clock(),
                        last_seen_ms=self.clock(),
                    )
                )
            client = self.anonymous()
            client.headers["Authorization"] = f"Bearer {token}"
            self._clients[username] = client
        return self._clients[username]

    def forget_sessions(self) -> None:
        """Make `sign_in` open new sessions: the clock went past the old ones."""
        self._clients.clear()

    async def token(self, username: str) -> str:
        """Return a session's token."""
        client = await self.sign_in(username)
        return client.headers["Authorization"].removeprefix("Bearer ")

    async def open_incident(self, **changes: Any) -> str:
        """Open an incident at the smoke point and return its id."""
        body = incident_body(**changes)
        answer = await (await self.sign_in("duty")).post("incidents", json=body)
        assert answer.status_code == 201, answer.text
        return body["id"]

    async def place_terminal(self, terminal_id: str, lat_deg: float, lon_deg: float) -> None:
        """Report a handheld's position."""
        answer = await (await self.sign_in(terminal_id.lower())).post(
            f"terminals/{terminal_id}/position",
            json={"t_ms": self.clock(), "lat_deg": lat_deg, "lon_deg": lon_deg},
        )
        assert answer.status_code == 204, answer.text

    def enrol(self, node_id: str, kind: str) -> str:
        """Enrol a node and return its token."""
        with self.services.store.change(OPERATOR) as change:
            return enrol_node(change, node_id, DeviceKind(kind))

    def add_guest(self, incident_id: str | None = None) -> str:
        """Make a guest of one incident, by default of none there is; return the token."""
        token = f"guest-{new_id()}"
        with self.services.store.change(OPERATOR) as change:
            user = User(
                id=new_id(),
                username=token,
                name="来宾",
                role=Role.GUEST,
                password_hash="",
                incident_id=incident_id or new_id(),
                created_ms=change.t_ms,
            )
            change.create(user)
            change.session.flush()
            change.session.add(
                UserSession(
                    token_hash=token_hash(token),
                    user_id=user.id,
                    created_ms=change.t_ms,
                    last_seen_ms=change.t_ms,
                )
            )
            change.record("account.created", user.id, username=token, name="来宾", role="guest")
        return token


async def until(client: httpx.AsyncClient, url: str, fits: Callable[[Any], bool]) -> Any:
    """Ask until the answer fits, and return it: for what a node tells over its own connection."""
    async with asyncio.timeout(20):
        while not fits(answer := (await client.get(url)).json()):  # noqa: ASYNC110 - HTTP is asked
            await asyncio.sleep(0.02)
    return answer


def incident_body(**changes: Any) -> dict[str, Any]:
    """Return a body for POST /incidents."""
    return {
        "id": new_id(),
        "kind": "fire",
        "title": "西坡冒烟",
        "text": "护林员报告",
        "lat_deg": SMOKE[0],
        "lon_deg": SMOKE[1],
        "drill": True,
        "people_missing": 3,
        **changes,
    }


def plan_body(**changes: Any) -> dict[str, Any]:
    """Return a body for POST /incidents/{id}/plans: cameras straight down, for people lying."""
    return {
        "id": new_id(),
        "camera_pitch_deg": -90.0,
        "seek": "lying",
        "area": [{"lat_deg": lat, "lon_deg": lon} for lat, lon in AREA],
        "vehicle_ids": ["XS-U1", "XS-U2"],
        **changes,
    }


@contextlib.asynccontextmanager
async def asgi_post(settings: Settings, *, build_ahead: bool = False) -> AsyncGenerator[Post]:
    """Run the app without a socket."""
    clock = TestClock()
    app = create_app(settings, clock=clock, build_ahead=build_ahead)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        yield Post(app, clock, "http://post.test", transport)


@contextlib.asynccontextmanager
async def socket_post(settings: Settings) -> AsyncGenerator[Post]:
    """Run the app on a real loopback socket, in this event loop."""
    clock = TestClock()
    app = create_app(settings, clock=clock, build_ahead=False)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        log_level="error",
        ws_per_message_deflate=False,
        ws_max_size=4_200_000,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server._serve([listener]))  # pyright: ignore[reportPrivateUsage]
    while not server.started:
        if serving.done():
            serving.result()
        await asyncio.sleep(0.01)
    try:
        yield Post(app, clock, f"http://127.0.0.1:{listener.getsockname()[1]}", None)
    finally:
        server.should_exit = True
        await serving
        listener.close()


async def messages_of(socket: ClientConnection) -> AsyncGenerator[dict[str, Any]]:
    """Yield what the live socket tells: a frame holds one message or several, a line each."""
    async for frame in socket:
        for line in str(frame).split("\n"):
            yield json.loads(line)
