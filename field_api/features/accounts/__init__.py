"""Who may sign in, with what device, and what each role may do."""

from field_api.core.events import TailEvent
from field_api.core.feature import Feature, Timer
from field_api.core.records import RecordKind
from field_api.core.refusals import Refusals
from field_api.core.services import Services
from field_api.features.accounts.admin_routes import router as accounts
from field_api.features.accounts.device_routes import router as devices
from field_api.features.accounts.limits import SignInLimits
from field_api.features.accounts.messages import AccountView, DeviceView
from field_api.features.accounts.permissions import (
    ACCOUNT_UNLOCK,
    AUDIT_READ,
    GUEST_INVITE,
    USER_ADMIN,
)
from field_api.features.accounts.routes import router as session
from field_api.features.accounts.sessions import Sessions
from field_api.features.accounts.tables import Device, User
from field_api.features.accounts.views import account_views, device_views

__all__ = ["FEATURE"]


def _follow(ctx: Services, events: list[TailEvent]) -> None:
    ctx.part(Sessions).forget_changed(events)


def _refresh(ctx: Services) -> None:
    ctx.part(Sessions).refresh()


def _write_touched(ctx: Services) -> None:
    ctx.part(Sessions).write_touched()


def _write_refusals(ctx: Services) -> None:
    ctx.part(Refusals).write_down()


FEATURE = Feature(
    name="accounts",
    about="Signing in and out, accounts, devices, guests",
    routers=(session, accounts, devices),
    records=(
        RecordKind(
            topic="account",
            table=User,
            view_type=AccountView,
            views=account_views,
            reads=USER_ADMIN,
            incident_column=None,
        ),
        RecordKind(
            topic="device",
            table=Device,
            view_type=DeviceView,
            views=device_views,
            reads=USER_ADMIN,
            incident_column=None,
        ),
    ),
    permissions=(USER_ADMIN, ACCOUNT_UNLOCK, GUEST_INVITE, AUDIT_READ),
    timers=(
        Timer("sessions in use", 2.0, _refresh, everywhere=True),
        Timer("sessions used", 5.0, _write_touched, everywhere=True),
        Timer("refusals", 10.0, _write_refusals, everywhere=True),
        Timer("sessions over", 600.0, lambda ctx: ctx.part(Sessions).forget_expired()),
    ),
    parts=(Sessions, SignInLimits, Refusals),
    follows=_follow,
)
