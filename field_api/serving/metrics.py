"""`/metrics` for Prometheus: requests counted as they end, the rest looked up when asked."""

import contextlib
import hmac
from collections.abc import Iterable
from ipaddress import ip_address

from cryptography import x509
from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from field_api.core.errors import refuse
from field_api.core.events import last_seq
from field_api.core.refusals import Refusals
from field_api.core.services import Context, Services, bearer_token
from field_api.links.browsers.hub import Browsers
from field_api.links.nodes.sessions import NodeSessions

__all__ = ["RequestMetrics", "metrics_router"]

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


class RequestMetrics:
    """How long answers took, by the address as declared: ids in it make no new series."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._seconds = Histogram(
            "xunshan_request_seconds",
            "How long requests took",
            ("method", "route", "status"),
            buckets=BUCKETS_S,
            registry=self.registry,
        )

    def finished(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request. Methods that nothing here takes share one name."""
        known = method if method in _METHODS else "other"
        self._seconds.labels(known, route, str(status)).observe(seconds)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class _Post(Collector):
    """What the post is like at this moment; may wait for the database."""

    def __init__(self, ctx: Services) -> None:
        self._ctx = ctx

    def collect(self) -> Iterable[Metric]:
        """Yield the values."""
        ctx = self._ctx
        yield _gauge("live_sockets", "Connected browsers", ctx.part(Browsers).client_count)
        yield _gauge("nodes", "Connected nodes", ctx.part(NodeSessions).count)
        yield _gauge("tail_position", "Last event handed on here", ctx.tail.seq)
        yield from self._database()
        yield _gauge("database_bytes", "Size of the database's files", _database_bytes(ctx))
        yield _gauge("disk_free_bytes", "Room on the data folder's disk", ctx.disk.free_bytes)
        yield _gauge("damaged", "Whether damage was found", float(ctx.damaged is not None))
        yield from self._certificate()
        yield from self._timers()
        refused = CounterMetricFamily(
            "xunshan_refused", "Who was not let in, by what they tried", labels=["act"]
        )
        for act, count in ctx.part(Refusals).totals().items():
            refused.add_metric([act], count)
        yield refused

    def _database(self) -> Iterable[Metric]:
        """Yield what only the database knows; where it can't be read, that is the news."""
        newest: int | None = None
        with contextlib.suppress(SQLAlchemyError), self._ctx.store.read() as session:
            newest = last_seq(session)
        readable = float(newest is not None)
        yield _gauge("database_readable", "Whether the database could be read", readable)
        if newest is not None:
            yield _gauge("tail_newest", "Last event committed", newest)

    def _certificate(self) -> Iterable[Metric]:
        files = self._ctx.settings.tls_files
        if files is not None:
            ends = x509.load_pem_x509_certificate(files[0].read_bytes()).not_valid_after_utc
            text = "When the certificate served with ends, Unix time"
            yield _gauge("certificate_ends_seconds", text, ends.timestamp())

    def _timers(self) -> Iterable[Metric]:
        last = GaugeMetricFamily(
            "xunshan_timer_last_run_seconds", "When a timer ran, Unix time", labels=["timer"]
        )
        failed = GaugeMetricFamily(
            "xunshan_timer_failed", "Whether its last run failed", labels=["timer"]
        )
        for name, run in self._ctx.timer_runs.items():
            last.add_metric([name], run.t_ms / 1000)
            failed.add_metric([name], float(not run.went_well))
        return last, failed


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"xunshan_{name}", text, value=value)


def _database_bytes(ctx: Services) -> int:
    file = ctx.settings.database_file
    beside = (file.with_name(file.name + end) for end in ("", "-wal", "-shm"))
    return sum(part.stat().st_size for part in beside if part.exists())


def _may_read(ctx: Services, request: Request) -> bool:
    """Whether the metrics are for who asks.

    Behind a proxy that does not say for whom it asks, everybody comes from this machine: so being
    here is not enough once the post has a public address.
    """
    token = ctx.settings.metrics_token
    given = bearer_token(request)
    if token is not None and given is not None:
        return hmac.compare_digest(given.encode(), token.get_secret_value().encode())
    if ctx.settings.public_url is not None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def metrics_router(metrics: RequestMetrics) -> APIRouter:
    """Return the route that shows `metrics` and the post's state."""
    router = APIRouter(include_in_schema=False)

    @router.get("/metrics")
    async def get_metrics(request: Request, ctx: Context) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Show the metrics in Prometheus' text form.

        Raises:
            ApiError: 403, they are not for who asks.
        """
        if not _may_read(ctx, request):
            raise refuse(403, "metrics_closed")
        state = CollectorRegistry()
        state.register(_Post(ctx))
        text = await run_in_threadpool(
            lambda: b"".join(map(generate_latest, (metrics.registry, state)))
        )
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    return router
