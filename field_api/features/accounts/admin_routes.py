"""Accounts as administrators keep them."""

from typing import Annotated

from fastapi import Depends, Response
from sqlmodel import col, select

from field_api.contract.ids import RecordId
from field_api.core.access import Principal
from field_api.core.pages import Before, Limit, before_id
from field_api.core.routing import Routes
from field_api.core.services import Context, Services, require
from field_api.core.wire import digest
from field_api.features.accounts.messages import (
    AccountView,
    ChangeAccount,
    MakeAccount,
    NewPassword,
    Reason,
)
from field_api.features.accounts.operations import (
    change_account,
    create_user,
    erase_person,
    set_password,
)
from field_api.features.accounts.passwords import hashing
from field_api.features.accounts.permissions import USER_ADMIN
from field_api.features.accounts.sessions import Sessions
from field_api.features.accounts.tables import User
from field_api.features.accounts.views import account_views

__all__ = ["router"]

router = Routes(prefix="/accounts", tags=["accounts"])

AdminDep = Annotated[Principal, Depends(require(USER_ADMIN))]


@router.get("", operation_id="listAccounts")
def list_all(
    who: AdminDep,
    ctx: Context,
    limit: Limit = 200,
    before: Before = None,
) -> list[AccountView]:
    """List accounts, newest first; `before` pages back."""
    order = (col(User.created_ms), col(User.id))
    with ctx.store.read(who.viewer) as session:
        rows = session.exec(before_id(session, select(User), User, order, before, limit)).all()
        return account_views(session, rows)


@router.post("", operation_id="makeAccount", status_code=201)
async def make(body: MakeAccount, who: AdminDep, ctx: Context, response: Response) -> AccountView:
    """Make an account; repeating the body answers 200."""
    view, repeated = await hashing(_make, ctx, who, body)
    if repeated:
        response.status_code = 200
    return view


def _make(ctx: Services, who: Principal, body: MakeAccount) -> tuple[AccountView, bool]:
    with ctx.store.change(who) as change:
        user = change.known(User, body, body.id)
        if user is None:
            user = create_user(
                change,
                username=body.username,
                name=body.name,
                role=body.role,
                password=body.password,
                user_id=body.id,
                terminal_id=body.terminal_id,
                areas=list(body.areas),
                request_sha256=digest(body),
            )
        change.session.flush()
        return account_views(change.session, [user])[0], change.repeated


@router.patch("/{account_id}", operation_id="changeAccount")
def patch(account_id: RecordId, body: ChangeAccount, who: AdminDep, ctx: Context) -> AccountView:
    """Change role, areas, handheld, name, or disable; the person's sessions end with it."""
    with ctx.store.change(who) as change:
        user = change.get(User, account_id)
        change_account(change, ctx.part(Sessions), user, body)
        change.session.flush()
        return account_views(change.session, [user])[0]


@router.post("/{account_id}/password", operation_id="setPassword", status_code=204)
async def password(account_id: RecordId, body: NewPassword, who: AdminDep, ctx: Context) -> None:
    """Give an account a new password; its sessions end."""

    def work() -> None:
        with ctx.store.change(who) as change:
            user = change.get(User, account_id)
            set_password(change, user, body.password, own=False)
            ctx.part(Sessions).end(change, user)

    await hashing(work)


@router.post("/{account_id}/end-sessions", operation_id="endSessions", status_code=204)
def end_sessions(account_id: RecordId, who: AdminDep, ctx: Context) -> None:
    """End every session of a person, e.g. when a handheld is lost."""
    with ctx.store.change(who) as change:
        user = change.get(User, account_id)
        count = ctx.part(Sessions).end(change, user)
        change.record("session.ended", user.id, username=user.username, count=count)


@router.post("/{account_id}/erase", operation_id="erasePerson")
def erase(account_id: RecordId, body: Reason, who: AdminDep, ctx: Context) -> AccountView:
    """Erase a person's data (PIPL 47); the audit chain stays whole."""
    with ctx.store.change(who) as change:
        user = change.get(User, account_id)
        erase_person(change, ctx.part(Sessions), user, body.reason)
        change.session.flush()
        return account_views(change.session, [user])[0]


@router.delete("/{account_id}/totp", operation_id="dropTotp")
def drop_totp(account_id: RecordId, who: AdminDep, ctx: Context) -> AccountView:
    """Take a second factor away: its owner lost the authenticator."""
    with ctx.store.change(who) as change:
        user = change.get(User, account_id)
        user.totp_secret, user.totp_pending, user.totp_step = None, None, 0
        change.put(user)
        change.record("account.totp_dropped", user.id, username=user.username)
        change.session.flush()
        return account_views(change.session, [user])[0]
