"""Devices: invited with a one-time code, enrolled with a token, locked, wiped, revoked."""

import secrets

from sqlmodel import Session, select

from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.texts import Both, both
from field_api.features.accounts.sessions import token_hash
from field_api.features.accounts.tables import Device, DeviceKind, DeviceState

__all__ = [
    "CODE_HOURS",
    "enrol_node",
    "enrol_with_code",
    "give_code",
    "node_of_token",
    "set_device_state",
]

CODE_HOURS = 24
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without those that look alike: the code is also read out over the radio."""


def _kind(device: Device) -> Both:
    return both(f"words.device.kind.{device.kind.value}")


def _state(state: DeviceState) -> Both:
    return both(f"words.device.state.{state.value}")


def _plain(code: str) -> str:
    return code.upper().replace("-", "").replace(" ", "")


def give_code(change: Change, device: Device) -> str:
    """Give a device a one-time code, replacing an older one; returns it, it is shown only now."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(12))
    code = f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"
    device.code_hash = token_hash(_plain(code))
    device.code_expires_ms = change.t_ms + CODE_HOURS * 3_600_000
    change.record("device.invited", device.id, kind=_kind(device), subject=device.subject_id)
    return code


def enrol_with_code(change: Change, code: str, description: str) -> tuple[Device, str]:
    """Exchange a one-time code for a token.

    Raises:
        ApiError: 401, no such code or it is used or over.
    """
    device = change.session.exec(
        select(Device).where(Device.code_hash == token_hash(_plain(code))).limit(1)
    ).first()
    if device is None or device.code_expires_ms < change.t_ms:
        raise refuse(401, "bad_code", field="code")
    device.code_hash, device.description = None, description
    return device, _hold_token(change, device)


def _hold_token(change: Change, device: Device) -> str:
    token = f"xsn_{secrets.token_urlsafe(32)}"
    device.token_hash, device.state = token_hash(token), DeviceState.ENROLLED
    device.enrolled_ms = change.t_ms
    change.put(device)
    change.record("device.enrolled", device.id, kind=_kind(device), subject=device.subject_id)
    return token


def enrol_node(change: Change, node_id: str, kind: DeviceKind) -> str:
    """Let a node sign in and return its token, which is shown only now; again replaces it."""
    device = change.session.get(Device, node_id)
    if device is None:
        device = change.create(
            Device(
                id=node_id, kind=kind, subject_id=node_id, name=node_id, state=DeviceState.INVITED
            )
        )
    device.kind = kind
    return _hold_token(change, device)


def node_of_token(session: Session, token: str) -> Device | None:
    """Return the enrolled node that a token belongs to."""
    row = session.exec(
        select(Device).where(Device.token_hash == token_hash(token)).limit(1)
    ).first()
    if row is None or row.state is not DeviceState.ENROLLED:
        return None
    return row if row.kind is not DeviceKind.HANDHELD else None


_ALLOWED = {
    DeviceState.LOCKED: (DeviceState.ENROLLED,),
    DeviceState.ENROLLED: (DeviceState.LOCKED,),
    DeviceState.WIPING: (DeviceState.ENROLLED, DeviceState.LOCKED),
    DeviceState.WIPED: (DeviceState.WIPING,),
    DeviceState.REVOKED: tuple(DeviceState),
}


def set_device_state(change: Change, device: Device, state: DeviceState, reason: str) -> None:
    """Lock, unlock, wipe or revoke a device.

    Raises:
        ApiError: 409, not from the state it is in.
    """
    if device.state not in _ALLOWED[state]:
        raise refuse(409, "device_state", state=_state(device.state), wanted=_state(state))
    device.state = state
    if state is DeviceState.REVOKED:
        device.token_hash, device.code_hash = None, None
    change.put(device)
    # Enrolling is an act of its own; back to "enrolled" from a lock is an unlocking.
    act = "unlocked" if state is DeviceState.ENROLLED else state.value
    change.record(f"device.{act}", device.id, subject=device.subject_id, reason=reason)
