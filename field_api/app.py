"""The command post as an ASGI application: every feature's routes, timers and parts."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

import field_api
from field_api.core.blobs.files import BlobFiles
from field_api.core.database import Clock, Store
from field_api.core.errors import ErrorBody, install_error_handlers
from field_api.core.exchange import Alone, Exchange
from field_api.core.failures import install_failure_handlers
from field_api.core.feature import Feature
from field_api.core.http_guards import HttpGuards
from field_api.core.request_log import RequestLog
from field_api.core.routing import API, Routes
from field_api.core.services import Services
from field_api.core.timers import keep_time
from field_api.declared import FEATURES
from field_api.links.browsers.pages import web_router
from field_api.links.nodes.sessions import NodeSessions
from field_api.migrate import migrate
from field_api.openapi import install_openapi
from field_api.serving import ca_page, health
from field_api.serving.metrics import RequestMetrics, metrics_router
from field_api.serving.readiness import Readiness
from field_api.settings import Settings

__all__ = ["api_routers", "create_app", "make_services", "utc_ms"]

GZIP_FROM_BYTES = 1500

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


def api_routers(features: Sequence[Feature] = FEATURES) -> list[APIRouter]:
    """Return the routes of every feature, without the API's prefix."""
    return [*(router for feature in features for router in feature.routers), health.router]


def utc_ms() -> int:
    """Return the time in UTC milliseconds."""
    return time.time_ns() // 1_000_000


def make_services(
    settings: Settings, clock: Clock = utc_ms, features: Sequence[Feature] = FEATURES
) -> Services:
    """Open the store and everything else one command post consists of.

    Raises:
        OSError: the data directory can't be used.
    """
    settings.media_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    migrate(settings.database, features)
    return Services(
        settings=settings,
        store=Store(settings.database, clock, busy_wait_s=settings.busy_wait_s),
        clock=clock,
        features=features,
        blobs=BlobFiles(settings.media_dir),
        exchange=_exchange(settings),
    )


def _exchange(settings: Settings) -> Exchange:
    if not settings.broker_url:
        return Alone()
    # Its client takes half a second to load, and most commands and posts have no broker.
    from field_api.core.nats_exchange import NatsExchange

    return NatsExchange(settings.broker_url, settings.broker_prefix)


@contextlib.asynccontextmanager
async def _running(services: Services) -> AsyncGenerator[Readiness]:
    """Run tail, timers and what features serve; stop them in the end."""
    await services.tail.start()
    await services.leading.start()
    for feature in services.features:
        if feature.starts is not None:
            feature.starts(services)
    tail = asyncio.create_task(services.tail.run())
    readiness = Readiness(services, tail)
    tasks = [
        tail,
        asyncio.create_task(services.exchange.run()),
        asyncio.create_task(services.workers.run()),
        asyncio.create_task(services.leading.run()),
        asyncio.create_task(readiness.look_for_damage()),
        asyncio.create_task(keep_time(services)),
        *(
            asyncio.create_task(feature.serves(services))
            for feature in services.features
            if feature.serves is not None
        ),
    ]
    try:
        yield readiness
    finally:
        services.part(NodeSessions).end_all()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        readiness.close()
        await run_in_threadpool(services.close)


def _build_routes(app: FastAPI, routers: Sequence[APIRouter]) -> None:
    """Let FastAPI build what it builds of every route when it is first asked for.

    Else the first requests after a start take a second or more, and it starts when it is needed.
    """
    begins = {part for router in routers if isinstance(router, Routes) for part in router.begins}
    for part in sorted(begins):
        nowhere = {
            "type": "http",
            "method": "GET",
            "path": f"{API}/{part}",
            "root_path": "",
            "headers": [],
            "query_string": b"",
            "app": app,
        }
        for route in app.routes:
            route.matches(nowhere)


def create_app(
    settings: Settings,
    *,
    clock: Clock = utc_ms,
    web_dist: Path | None = None,
    features: Sequence[Feature] = FEATURES,
    build_ahead: bool = True,
) -> FastAPI:
    """Return the application; its store opens when it starts.

    Args:
        settings: see `field_api.settings`.
        clock: UTC milliseconds; tests pass their own.
        web_dist: the built web app, by default the one in this package.
        features: what it consists of; tests bring further ones.
        build_ahead: build all routes at the start, which takes a second; tests ask for few of them.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        services = await run_in_threadpool(make_services, settings, clock, features)
        app.state.services = services
        if build_ahead:
            await run_in_threadpool(_build_routes, app, routers)
        async with _running(services) as app.state.readiness:
            yield

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
        openapi_url=f"{API}/openapi.json",
        openapi_tags=[{"name": f.name, "description": f.about} for f in features if f.about],
    )
    routers = api_routers(features)
    for router in routers:
        app.include_router(router, prefix=API, responses=_ERRORS)
    metrics = RequestMetrics()
    for at_root in (health.at_root, metrics_router(metrics), ca_page.router):
        app.include_router(at_root)
    app.include_router(web_router(web_dist or Path(__file__).parent / "web" / "dist"))
    install_error_handlers(app)
    install_failure_handlers(app)
    install_openapi(app)
    app.add_middleware(GZipMiddleware, minimum_size=GZIP_FROM_BYTES, compresslevel=5)
    app.add_middleware(
        HttpGuards,
        allowed_origins=[*settings.allowed_origins, *filter(None, [settings.public_url])],
        https=settings.https,
        disk=lambda scope: scope["app"].state.services.disk,
        max_body=settings.max_body_bytes,
        max_media=settings.max_media_bytes,
        max_upload=settings.max_upload_bytes,
    )
    proxies = [str(network) for network in settings.trusted_proxies]
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=proxies)
    # The outermost: it still sees who the peer is, and is told of every end.
    app.add_middleware(RequestLog, trusted=settings.trusted_proxies, finished=metrics.finished)
    return app
