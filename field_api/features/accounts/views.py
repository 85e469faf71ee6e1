"""What clients see of accounts and devices."""

from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from field_api.core.roles import Permission
from field_api.core.services import Services
from field_api.features.accounts.messages import AccountView, DeviceView, UserView
from field_api.features.accounts.tables import Device, User, UserSession

__all__ = ["account_views", "device_views", "permissions_of", "user_view"]


def permissions_of(ctx: Services) -> list[Permission]:
    """Return every permission that a feature declares."""
    found = {p.name: p for feature in ctx.features for p in feature.permissions}
    return [found[name] for name in sorted(found)]


def user_view(ctx: Services, user: User) -> UserView:
    """Return what a client may know of its own user."""
    return UserView(
        id=user.id,
        username=user.username,
        name=user.name,
        role=user.role,
        terminal_id=user.terminal_id,
        areas=list(user.areas),
        incident_id=user.incident_id,
        permissions=[p.name for p in permissions_of(ctx) if user.role in p.roles],
    )


def account_views(session: Session, rows: Sequence[User]) -> list[AccountView]:
    """Return accounts as administrators see them."""
    found = session.exec(
        select(UserSession.user_id, func.count(), func.max(UserSession.last_seen_ms))
        .where(col(UserSession.user_id).in_([row.id for row in rows]))
        .group_by(UserSession.user_id)
    )
    sessions = {user_id: (count, seen) for user_id, count, seen in found}
    views: list[AccountView] = []
    for row in rows:
        count, seen = sessions.get(row.id, (0, None))
        views.append(
            AccountView(
                id=row.id,
                version=row.version,
                username=row.username,
                name=row.name,
                role=row.role,
                terminal_id=row.terminal_id,
                areas=list(row.areas),
                disabled=row.disabled,
                locked_until_ms=row.locked_until_ms,
                totp=row.totp_secret is not None,
                incident_id=row.incident_id,
                expires_ms=row.expires_ms,
                erased=row.erased,
                created_ms=row.created_ms,
                last_seen_ms=seen,
                sessions=count,
            )
        )
    return views


def device_views(_session: Session, rows: Sequence[Device]) -> list[DeviceView]:
    """Return devices as administrators see them."""
    return [DeviceView.model_validate(row) for row in rows]
