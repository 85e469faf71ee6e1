"""What routes work with, and who is asking."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol, TypeVar, cast

import structlog
from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from field_api.core.access import Principal
from field_api.core.blobs.files import BlobFiles
from field_api.core.bus import Bus
from field_api.core.database import Clock, Store
from field_api.core.disk import DiskWatch
from field_api.core.errors import refuse
from field_api.core.events import EventTail, events_after, last_seq
from field_api.core.exchange import Alone, Exchange
from field_api.core.feature import Feature, TimerRun
from field_api.core.presence import NodePresence
from field_api.core.request_note import note_of
from field_api.core.roles import Permission
from field_api.core.wishes import Wishes
from field_api.core.workers import Leading, Workers
from field_api.settings import Settings

__all__ = [
    "COOKIE",
    "Authenticator",
    "Context",
    "Services",
    "bearer_token",
    "exempt",
    "get_services",
    "identify",
    "require",
    "require_any_of",
    "source_of",
]

log = structlog.get_logger(__name__)

COOKIE = "xunshan_session"
COMMIT = "commit"

P = TypeVar("P")


class Authenticator(Protocol):
    """Recognises tokens; the accounts feature brings it."""

    def remembered(self, token: str, source: str, *, touch: bool) -> Principal | None:
        """Return whose session `token` is without asking the database, None where it must be."""
        ...

    def recognise(self, token: str, source: str, *, touch: bool) -> Principal | None:
        """Return whose live session `token` is; `touch` counts as use of it."""
        ...

    async def check_device(self, connection: HTTPConnection, principal: Principal) -> None:
        """Refuse a locked, revoked or to-be-wiped device."""
        ...


@dataclass
class Services:
    """Everything one running command post consists of."""

    settings: Settings
    store: Store
    clock: Clock
    features: Sequence[Feature]
    blobs: BlobFiles
    exchange: Exchange = field(default_factory=Alone)
    bus: Bus = field(init=False)
    presence: NodePresence = field(init=False)
    wishes: Wishes = field(init=False)
    workers: Workers = field(init=False)
    leading: Leading = field(init=False)
    damaged: str | None = None
    """What is wrong with the database's file, once that was found."""
    timer_runs: dict[str, TimerRun] = field(default_factory=dict[str, TimerRun])
    """How each timer went last."""
    disk: DiskWatch = field(init=False)
    tail: EventTail = field(init=False)
    authenticator: Authenticator = field(init=False)
    _parts: dict[type[Any], object] = field(default_factory=dict[type[Any], object])

    def __post_init__(self) -> None:
        """Join store, tail and features."""
        self.disk = DiskWatch(self.settings.data_dir, self.settings.low_disk_bytes)

        def read(seq: int) -> Any:
            with self.store.read() as session:
                return events_after(session, seq)

        def begin() -> int:
            with self.store.read() as session:
                return last_seq(session)

        self.tail = EventTail(read, begin)
        self.leading = Leading(self.settings.database)
        self._join_workers()
        for feature in self.features:
            for make in feature.parts:
                part = make(self)
                self._parts[type(part)] = part
            if feature.follows is not None:
                follows = feature.follows
                self.tail.follow(lambda events, follows=follows: follows(self, events))
            if feature.hears is not None:
                hears = feature.hears
                self.bus.listen(lambda value, hears=hears: hears(self, value))

    def _join_workers(self) -> None:
        """Let every worker know what the others do."""
        exchange = self.exchange
        self.workers = Workers(exchange)

        def committed() -> None:
            self.tail.wake()
            exchange.tell(COMMIT, b"")

        self.store.on_commit = committed
        exchange.hear(COMMIT, lambda _worker, _data: self.tail.wake())
        kinds = (kind for feature in self.features for kind in feature.values)
        self.bus = Bus(exchange, kinds)
        self.presence = NodePresence(exchange)
        self.wishes = Wishes(exchange)
        self.workers.when_one_comes(self.bus.tell_all)
        self.workers.when_one_comes(self.presence.tell_all)

    def part(self, kind: type[P]) -> P:
        """Return what a feature brought to live as long as the process.

        Raises:
            KeyError: no feature brings one.
        """
        return cast(P, self._parts[kind])

    def note_damage(self, found: str) -> None:
        """Say that the database's file is damaged; from any thread, as often as it is found."""
        if self.damaged is None:
            log.error("database_damaged", found=found)
        self.damaged = found

    def close(self) -> None:
        """Stop the parts that can be stopped, and close the store."""
        for part in self._parts.values():
            close = getattr(part, "close", None)
            if close is not None:
                try:
                    close()
                except Exception:
                    # The database may be away; the others are stopped all the same.
                    log.exception("part_not_closed", part=type(part).__name__)
        self.leading.close()
        self.store.close()


def get_services(connection: HTTPConnection) -> Services:
    """Return the services of the app that handles `connection`."""
    services = connection.app.state.services
    assert isinstance(services, Services)
    return services


Context = Annotated[Services, Depends(get_services)]


def bearer_token(connection: HTTPConnection) -> str | None:
    """Return the token of an `Authorization: Bearer` header."""
    scheme, _, value = connection.headers.get("authorization", "").partition(" ")
    return value.strip() or None if scheme.lower() == "bearer" else None


def source_of(connection: HTTPConnection) -> str:
    """Return the peer's network address."""
    return connection.client.host if connection.client else "unknown"


async def identify(
    connection: HTTPConnection, services: Services, *, touch: bool = True
) -> Principal | None:
    """Return who is asking, None for nobody we know; `touch` counts as use of the session."""
    token = bearer_token(connection) or connection.cookies.get(COOKIE)
    if not token:
        return None
    known = services.authenticator
    source = source_of(connection)
    found = known.remembered(token, source, touch=touch)
    if found is None:
        found = await run_in_threadpool(known.recognise, token, source, touch=touch)
    note = note_of(connection.scope)
    if found is not None and note is not None:
        note.principal = found.actor.id
    return found


class require:  # noqa: N801 - reads as a verb at the place of use
    """A dependency that lets in who has one of some permissions."""

    def __init__(self, *permissions: Permission) -> None:
        self.permissions = permissions

    async def __call__(self, request: Request) -> Principal:
        """Return who is asking.

        Raises:
            ApiError: 401 for nobody we know, 403 for a role without the permission, 423 and 410
                for a device that is locked or to be wiped.
        """
        services = get_services(request)
        principal = await identify(request, services)
        if principal is None:
            raise refuse(401, "not_signed_in")
        await services.authenticator.check_device(request, principal)
        permissions = self.found(services.features)
        if not any(principal.may(permission) for permission in permissions):
            raise refuse(403, "forbidden", permission=" / ".join(p.name for p in permissions))
        return principal

    def found(self, features: Sequence[Feature]) -> Sequence[Permission]:
        """Return the permissions of which one is enough."""
        return self.permissions


class require_any_of(require):  # noqa: N801 - reads as a verb at the place of use
    """A `require` whose permissions stand in the features' declarations.

    It lets in whoever has one of them; the route then asks for the one that its address needs.
    """

    def __init__(self, find: Callable[[Sequence[Feature]], Iterable[Permission]]) -> None:
        super().__init__()
        self._find = find

    def found(self, features: Sequence[Feature]) -> Sequence[Permission]:
        """Return the permissions of which one is enough."""
        return sorted(set(self._find(features)), key=lambda one: one.name)


class exempt:  # noqa: N801 - reads as an adjective at the place of use
    """A dependency that says why a route needs no permission; a test asks for one or the other."""

    def __init__(self, why: str) -> None:
        self.why = why

    async def __call__(self) -> None:
        """Let everybody in."""
