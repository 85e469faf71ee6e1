"""Devices and guests: invited, enrolled, locked, wiped."""

from typing import Annotated

from fastapi import Depends, Query, Request, Response
from sqlmodel import col, select
from starlette.concurrency import run_in_threadpool

from field_api.core.access import Principal
from field_api.core.addresses import whole_address
from field_api.core.errors import refuse
from field_api.core.records import kind_of_topic
from field_api.core.roles import Actor, Role
from field_api.core.routing import Routes
from field_api.core.services import Context, exempt, require, source_of
from field_api.core.wire import digest
from field_api.features.accounts.devices import (
    enrol_with_code,
    give_code,
    set_device_state,
)
from field_api.features.accounts.limits import SignInLimits
from field_api.features.accounts.messages import (
    DeviceToken,
    DeviceView,
    EnrolDevice,
    GuestInvitation,
    Invitation,
    InviteDevice,
    InviteGuest,
    Reason,
)
from field_api.features.accounts.permissions import GUEST_INVITE, USER_ADMIN
from field_api.features.accounts.second_factor import qr_svg
from field_api.features.accounts.sessions import DEVICE_HEADER, add_session, token_hash
from field_api.features.accounts.tables import Device, DeviceState, User
from field_api.features.accounts.throttle import Refused
from field_api.features.accounts.views import device_views

__all__ = ["router"]

router = Routes(tags=["devices"])

AdminDep = Annotated[Principal, Depends(require(USER_ADMIN))]

_DEVICE = [Depends(exempt("a device without an account: its code or token says who it is"))]


@router.get("/devices", operation_id="listDevices")
def list_devices(
    who: AdminDep, ctx: Context, limit: Annotated[int, Query(ge=1, le=2000)] = 1000
) -> list[DeviceView]:
    """List handhelds and nodes that hold a token or a code."""
    with ctx.store.read(who.viewer) as session:
        rows = session.exec(select(Device).order_by(col(Device.subject_id)).limit(limit)).all()
        return device_views(session, rows)


@router.post("/devices", operation_id="inviteDevice", status_code=201)
def invite_device(body: InviteDevice, who: AdminDep, request: Request, ctx: Context) -> Invitation:
    """Give out a one-time code for a device; asking again gives a new code."""
    with ctx.store.change(who) as change:
        device = change.known(Device, body, body.id)
        if device is None:
            device = change.create(
                Device(
                    **body.model_dump(),
                    state=DeviceState.INVITED,
                    request_sha256=digest(body),
                )
            )
        else:
            change.put(device)
        code = give_code(change, device)
        change.session.flush()
        view = device_views(change.session, [device])[0]
        expires_ms = device.code_expires_ms
    url = whole_address(ctx.settings, request, f"/terminal/#enrol={code}")
    return Invitation(device=view, code=code, expires_ms=expires_ms, url=url, svg=qr_svg(url))


@router.post("/devices/enrol", operation_id="enrolDevice", dependencies=_DEVICE)
async def enrol(body: EnrolDevice, request: Request, ctx: Context) -> DeviceToken:
    """Exchange a one-time code for the device's token."""
    source = source_of(request)
    limits = ctx.part(SignInLimits)
    admitted = limits.begin("device-code", source)
    if isinstance(admitted, Refused) and admitted.code == "too_many_tries":
        raise refuse(429, "too_many_tries", seconds=-(-admitted.retry_after_ms // 1000))

    def work() -> DeviceToken:
        with ctx.store.change(Actor("device", "device", source)) as change:
            device, token = enrol_with_code(change, body.code, body.description)
            return DeviceToken(device_id=device.id, subject_id=device.subject_id, token=token)

    made = await run_in_threadpool(work)
    if not isinstance(admitted, Refused):
        limits.withdrawn(admitted)
    return made


@router.post(
    "/devices/self/wiped", operation_id="deviceWiped", dependencies=_DEVICE, status_code=204
)
def wiped(request: Request, ctx: Context) -> Response:
    """A device says that it deleted what it held."""
    token = request.headers.get(DEVICE_HEADER, "")
    with ctx.store.change(Actor("device", "device", source_of(request))) as change:
        device = change.session.exec(
            select(Device).where(Device.token_hash == token_hash(token)).limit(1)
        ).first()
        if device is None:
            raise refuse(401, "unknown_device_token")
        if device.state is DeviceState.WIPING:
            set_device_state(change, device, DeviceState.WIPED, "-")
    return Response(status_code=204)


_STATES = {
    "lock": DeviceState.LOCKED,
    "unlock": DeviceState.ENROLLED,
    "wipe": DeviceState.WIPING,
    "revoke": DeviceState.REVOKED,
}


def _state_route(name: str, state: DeviceState) -> None:
    def endpoint(device_id: str, body: Reason, who: AdminDep, ctx: Context) -> DeviceView:
        with ctx.store.change(who) as change:
            device = change.get(Device, device_id)
            set_device_state(change, device, state, body.reason)
            change.session.flush()
            return device_views(change.session, [device])[0]

    endpoint.__doc__ = f"{name.capitalize()} a device; it learns of it at its next contact."
    router.add_api_route(
        f"/devices/{{device_id}}/{name}", endpoint, methods=["POST"], operation_id=f"{name}Device"
    )


for _name, _state in _STATES.items():
    _state_route(_name, _state)


@router.post("/guests", operation_id="inviteGuest", status_code=201, tags=["accounts"])
def invite_guest(
    body: InviteGuest,
    who: Annotated[Principal, Depends(require(GUEST_INVITE))],
    request: Request,
    ctx: Context,
) -> GuestInvitation:
    """Make a link that shows one incident until it expires (story C14); the link is shown once."""
    with ctx.store.change(who) as change:
        # Accounts stand below incidents: the incident is found by its topic.
        incidents = kind_of_topic("incident")
        if incidents is None or change.find(incidents.table, body.incident_id) is None:
            raise refuse(404, "unknown_incident", field="incident_id")
        guest = User(
            id=body.id,
            username=f"guest-{body.id[-12:]}",
            name=body.name,
            role=Role.GUEST,
            password_hash="",
            incident_id=body.incident_id,
            expires_ms=change.t_ms + int(body.hours * 3_600_000),
            created_ms=change.t_ms,
            request_sha256=digest(body),
        )
        if change.session.get(User, body.id) is not None:
            raise refuse(409, "id_taken", field="id")
        change.create(guest)
        change.session.flush()
        token = add_session(change.session, guest, "", change.t_ms)
        change.record(
            "guest.invited",
            guest.id,
            incident_id=body.incident_id,
            name=body.name,
            hours=body.hours,
        )
    url = whole_address(ctx.settings, request, f"/guest/#{token}")
    assert guest.expires_ms is not None
    return GuestInvitation(
        account_id=guest.id, url=url, expires_ms=guest.expires_ms, svg=qr_svg(url)
    )
