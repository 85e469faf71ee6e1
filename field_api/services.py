"""What routes work with, and who is asking."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from field_api.accounts.models import User
from field_api.accounts.rules import Permission, permits
from field_api.accounts.sessions import recognise
from field_api.errors import ApiError
from field_api.live.hub import LiveHub
from field_api.maps.base import MapBase
from field_api.media.files import MediaFiles
from field_api.nodes.links import NodeLinks
from field_api.plans.improvement import PlanImprover
from field_api.settings import Settings
from field_api.store import Actor, Clock, Store
from field_api.video.hub import VideoHub

__all__ = [
    "COOKIE",
    "Context",
    "Principal",
    "Services",
    "ViewerDep",
    "bearer_token",
    "get_services",
    "identify",
    "require",
    "source_of",
]

COOKIE = "xunshan_session"


@dataclass
class Services:
    """Everything one running command post consists of."""

    settings: Settings
    store: Store
    clock: Clock
    live: LiveHub
    video: VideoHub
    links: NodeLinks
    media: MediaFiles
    maps: MapBase
    improver: PlanImprover


def get_services(connection: HTTPConnection) -> Services:
    """Return the services of the app that handles `connection`."""
    services = connection.app.state.services
    assert isinstance(services, Services)
    return services


Context = Annotated[Services, Depends(get_services)]


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in person and the session they use."""

    user: User
    token: str
    actor: Actor

    def may(self, permission: Permission) -> bool:
        """Whether the person's role permits it."""
        return permits(self.user.role, permission)


def bearer_token(connection: HTTPConnection) -> str | None:
    """Return the token of an `Authorization: Bearer` header."""
    scheme, _, value = connection.headers.get("authorization", "").partition(" ")
    return value.strip() or None if scheme.lower() == "bearer" else None


def source_of(connection: HTTPConnection) -> str:
    """Return the peer's network address."""
    return connection.client.host if connection.client else "unknown"


def identify(
    connection: HTTPConnection, services: Services, *, touch: bool = True
) -> Principal | None:
    """Return who is asking, None for nobody we know; `touch` as in `recognise`."""
    token = bearer_token(connection) or connection.cookies.get(COOKIE)
    if not token:
        return None
    user = recognise(services.store, services.settings, token, services.clock(), touch=touch)
    if user is None:
        return None
    return Principal(user, token, Actor(user.username, user.name, source_of(connection)))


class require:  # noqa: N801 - reads as a verb at the place of use
    """A dependency that lets in who has a permission."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    def __call__(self, request: Request, services: Context) -> Principal:
        """Return who is asking.

        Raises:
            ApiError: 401 for nobody we know, 403 for a role without the permission.
        """
        principal = identify(request, services)
        if principal is None:
            raise ApiError(401, "not_signed_in", "请先登录", "Sign in first")
        if not principal.may(self.permission):
            raise ApiError(
                403,
                "forbidden",
                f"您的角色没有此权限:{self.permission.value}",
                f"Your role does not permit this: {self.permission.value}",
            )
        return principal


ViewerDep = Annotated[Principal, Depends(require(Permission.VIEW))]
