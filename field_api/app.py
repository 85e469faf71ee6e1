"""The command post as an ASGI application."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI
from sqlmodel import select
from starlette.concurrency import run_in_threadpool

import field_api
from field_api.accounts.routes import router as accounts
from field_api.accounts.sessions import forget_expired
from field_api.applications.routes import router as applications
from field_api.audit.models import AuditEntry
from field_api.audit.routes import router as audit
from field_api.contract.link import CONTRACT_VERSION
from field_api.detections.routes import router as detections
from field_api.errors import ErrorBody, install_error_handlers
from field_api.flown.routes import router as flown
from field_api.http_guards import HttpGuards
from field_api.incidents.routes import router as incidents
from field_api.likelihood.routes import router as likelihood
from field_api.live.hub import LiveHub
from field_api.live.routes import router as live
from field_api.maps.base import MapBase
from field_api.maps.routes import router as maps
from field_api.media.files import MediaFiles
from field_api.media.routes import router as media
from field_api.migrate import migrate
from field_api.nodes.links import NodeLinks
from field_api.nodes.routes import router as nodes
from field_api.openapi import install_openapi
from field_api.plans.improvement import PlanImprover
from field_api.plans.routes import router as plans
from field_api.roster.routes import router as roster
from field_api.services import Context, Services
from field_api.settings import Settings
from field_api.sorties.departures import start_due
from field_api.sorties.expiry import expire_unanswered
from field_api.sorties.routes import router as sorties
from field_api.static_web import web_router
from field_api.store import Clock, Store
from field_api.tasks.escalation import escalate_due
from field_api.tasks.routes import router as tasks
from field_api.terminals.routes import router as terminals
from field_api.video.hub import VideoHub
from field_api.video.routes import router as video
from field_api.wire import View

__all__ = ["create_app", "make_services", "utc_ms"]

log = structlog.get_logger(__name__)

TICK_S = 1.0
"""How often timers are looked at."""
FORGET_EVERY_TICKS = 600

_ERRORS: dict[int | str, dict[str, Any]] = {
    code: {"model": ErrorBody, "description": text}
    for code, text in {
        401: "Not signed in",
        403: "Not permitted",
        404: "Unknown",
        409: "Refused in the present state",
        422: "A field is wrong; `detail.field` names it",
    }.items()
}

_TAGS = [
    {"name": "session", "description": "Signing in and out"},
    {"name": "roster", "description": "Aircraft, terminals, teams, points, fences"},
    {"name": "incidents", "description": "Incidents and their timeline"},
    {"name": "plans", "description": "Search plans: compute, authorise, launch"},
    {"name": "applications", "description": "Flight applications: filled, handed in, answered"},
    {"name": "flown", "description": "Flights as flown: coverage and gaps"},
    {"name": "likelihood", "description": "Where the missing may be, and what is searched"},
    {"name": "sorties", "description": "Flights and their steps"},
    {"name": "vehicles", "description": "Orders to vehicles"},
    {"name": "detections", "description": "Alerts and their review"},
    {"name": "tasks", "description": "Tasks for handhelds"},
    {"name": "terminals", "description": "Handheld positions"},
    {"name": "media", "description": "Pictures by hash"},
    {"name": "map", "description": "The map base, from local data"},
    {"name": "nodes", "description": "Field nodes"},
    {"name": "audit", "description": "The hash-chained audit trail"},
    {"name": "health", "description": "Whether the command post works"},
]


class HealthView(View):
    """Whether the command post works."""

    status: str
    version: str
    contract_version: str
    server_time_ms: int


health = APIRouter(tags=["health"])


@health.get("/health", operation_id="getHealth")
def get_health(ctx: Context) -> HealthView:
    """Answer when the database does."""
    with ctx.store.read() as session:
        session.exec(select(AuditEntry.seq).limit(1)).first()
    return HealthView(
        status="ok",
        version=field_api.__version__,
        contract_version=CONTRACT_VERSION,
        server_time_ms=ctx.clock(),
    )


def utc_ms() -> int:
    """Return the time in UTC milliseconds."""
    return time.time_ns() // 1_000_000


def make_services(settings: Settings, clock: Clock = utc_ms) -> Services:
    """Open the store and everything else one command post consists of.

    Raises:
        OSError: the data directory can't be used.
    """
    settings.media_dir.mkdir(parents=True, exist_ok=True)
    migrate(settings.database_file)
    services = Services(
        settings=settings,
        store=Store(settings.database_file, clock),
        clock=clock,
        live=LiveHub(live_hz=settings.live_hz, backlog=settings.live_backlog),
        video=VideoHub(backlog_packets=settings.video_backlog_packets),
        links=NodeLinks(),
        media=MediaFiles(settings.media_dir),
        maps=MapBase(settings.terrain_file),
        improver=PlanImprover(settings.terrain_file, settings.improve_s),
    )
    services.store.on_timeline = lambda entry: services.live.publish("timeline", entry)
    return services


def _tick(services: Services, count: int) -> None:
    escalate_due(services)
    expire_unanswered(services)
    start_due(services)
    if count % FORGET_EVERY_TICKS == 0:
        with services.store.housekeep() as session:
            forget_expired(session, services.settings, services.clock())


async def _keep_time(services: Services) -> None:
    count = 0
    while True:
        try:
            await run_in_threadpool(_tick, services, count)
        except Exception:
            log.exception("timer_failed")
        count += 1
        await asyncio.sleep(TICK_S)


def create_app(
    settings: Settings, *, clock: Clock = utc_ms, web_dist: Path | None = None
) -> FastAPI:
    """Return the application; its store opens when it starts.

    Args:
        settings: see `field_api.settings`.
        clock: UTC milliseconds; tests pass their own.
        web_dist: the built web app, by default the one in this package.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        services = await run_in_threadpool(make_services, settings, clock)
        app.state.services = services
        loop = asyncio.get_running_loop()
        services.live.start(loop)
        services.links.start(loop)
        timers = asyncio.create_task(_keep_time(services))
        try:
            yield
        finally:
            timers.cancel()
            await asyncio.gather(timers, return_exceptions=True)
            services.links.end_all()
            services.improver.close()
            services.store.close()

    app = FastAPI(
        title="Xunshan command post",
        version=field_api.__version__,
        description=(
            "Incidents, search plans, sorties, detections and tasks of one rescue operation. "
            "Times are UTC milliseconds, positions WGS-84 degrees, ids UUIDv7 made by the caller. "
            "The live socket `/api/v1/live` sends `LiveMessage`."
        ),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        openapi_tags=_TAGS,
    )
    api = APIRouter(prefix="/api/v1", responses=_ERRORS)
    for router in (
        accounts,
        roster,
        incidents,
        plans,
        applications,
        flown,
        likelihood,
        sorties,
        detections,
        tasks,
        terminals,
        media,
        maps,
        audit,
        nodes,
        live,
        video,
        health,
    ):
        api.include_router(router)
    app.include_router(api)
    app.include_router(web_router(web_dist or Path(__file__).parent / "web" / "dist"))
    install_error_handlers(app)
    install_openapi(app)
    app.add_middleware(
        HttpGuards,
        allowed_origins=settings.allowed_origins,
        max_body=settings.max_body_bytes,
        max_media=settings.max_media_bytes,
    )
    return app
