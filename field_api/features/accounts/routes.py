"""Signing in and out, one's own password and second factor."""

from typing import Annotated

from fastapi import Depends, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from field_api.contract.ids import RecordId
from field_api.core.access import Principal
from field_api.core.errors import refuse
from field_api.core.roles import Role
from field_api.core.routing import Routes
from field_api.core.services import COOKIE, Context, Services, exempt, identify, require, source_of
from field_api.features.accounts.limits import SignInLimits
from field_api.features.accounts.messages import (
    AccountView,
    ChangePassword,
    ConfirmTotp,
    Credentials,
    GuestToken,
    Reason,
    SessionView,
    TotpSecret,
)
from field_api.features.accounts.operations import find_user, set_password
from field_api.features.accounts.passwords import hashing, verify_password
from field_api.features.accounts.permissions import ACCOUNT_UNLOCK
from field_api.features.accounts.second_factor import (
    new_secret,
    otpauth_uri,
    qr_svg,
    verify,
)
from field_api.features.accounts.sessions import Sessions, idle_ms
from field_api.features.accounts.signing_in import sign_in
from field_api.features.accounts.tables import User
from field_api.features.accounts.throttle import Refused
from field_api.features.accounts.views import account_views, user_view

__all__ = ["router", "signed_in"]

router = Routes(tags=["session"])


async def signed_in(request: Request, ctx: Context) -> Principal:
    """Return who is asking, whatever their role permits.

    Raises:
        ApiError: 401 for nobody we know.
    """
    principal = await identify(request, ctx)
    if principal is None:
        raise refuse(401, "not_signed_in")
    return principal


SignedInDep = Annotated[Principal, Depends(signed_in)]
_OPEN = [Depends(exempt("this is how one signs in"))]
_OWN = [Depends(exempt("one's own session, whatever the role"))]


def _session(ctx: Services, user: User, token: str | None) -> SessionView:
    return SessionView(
        user=user_view(ctx, user),
        token=token,
        idle_s=idle_ms(user, ctx.settings) / 1000,
        handheld_pin=ctx.settings.handheld_pin,
    )


def _give_cookie(ctx: Services, response: Response, token: str) -> None:
    response.set_cookie(
        COOKIE,
        token,
        httponly=True,
        samesite="strict",
        secure=ctx.settings.cookies_secure,
        path="/",
    )


@router.post("/session", operation_id="signIn", dependencies=_OPEN)
async def open_session(
    body: Credentials, request: Request, response: Response, ctx: Context
) -> SessionView:
    """Sign in: browsers get the session as a cookie, programs use `token` as a bearer token."""
    user, token = await sign_in(ctx, body, source_of(request))
    _give_cookie(ctx, response, token)
    return _session(ctx, user, token)


@router.post("/session/guest", operation_id="signInAsGuest", dependencies=_OPEN)
async def open_guest_session(
    body: GuestToken, request: Request, response: Response, ctx: Context
) -> SessionView:
    """Open a guest's link: the session behind it lasts until the link expires."""
    limits, source = ctx.part(SignInLimits), source_of(request)
    admitted = limits.begin("guest-link", source)
    if isinstance(admitted, Refused) and admitted.code == "too_many_tries":
        raise refuse(429, "too_many_tries", seconds=-(-admitted.retry_after_ms // 1000))
    sessions = ctx.part(Sessions)
    principal = await run_in_threadpool(sessions.recognise, body.token, source, touch=True)
    if principal is None or principal.viewer.role is not Role.GUEST:
        raise refuse(401, "guest_link_over")
    if not isinstance(admitted, Refused):
        limits.withdrawn(admitted)
    _give_cookie(ctx, response, body.token)
    return _session(ctx, principal.user, None)


@router.get("/session", operation_id="getSession", dependencies=_OWN)
async def get_session(who: SignedInDep, ctx: Context) -> SessionView:
    """Say who is signed in."""
    return _session(ctx, who.user, None)


@router.delete("/session", operation_id="signOut", status_code=204, dependencies=_OWN)
def sign_out(who: SignedInDep, response: Response, ctx: Context) -> None:
    """Sign out; the session's live connections are closed."""
    with ctx.store.change(who.actor) as change:
        user = change.session.get_one(User, who.user_id)
        ctx.part(Sessions).end(change, user, token=who.token)
        change.record("session.closed", user.id, name=user.name, username=user.username)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")


@router.post(
    "/session/password", operation_id="changeOwnPassword", status_code=204, dependencies=_OWN
)
async def change_password(
    body: ChangePassword, who: SignedInDep, request: Request, ctx: Context
) -> None:
    """Change one's own password; other sessions end."""
    limits = ctx.part(SignInLimits)
    admitted = limits.begin(who.user.username, source_of(request))
    if isinstance(admitted, Refused):
        raise refuse(429, admitted.code, seconds=-(-admitted.retry_after_ms // 1000))
    if not await hashing(verify_password, who.user.password_hash, body.old):
        limits.failed(admitted)
        raise refuse(403, "wrong_old_password", field="old")
    limits.succeeded(admitted)

    def change() -> None:
        with ctx.store.change(who.actor) as made:
            user = made.session.get_one(User, who.user_id)
            set_password(made, user, body.new, own=True)
            ctx.part(Sessions).end(made, user, but=who.token)

    await hashing(change)


@router.post(
    "/accounts/{username}/unlock",
    operation_id="unlockAccount",
    status_code=204,
    tags=["accounts"],
)
def unlock(
    username: Annotated[str, Path(max_length=60)],
    body: Reason,
    who: Annotated[Principal, Depends(require(ACCOUNT_UNLOCK))],
    ctx: Context,
) -> None:
    """Open a locked account in an emergency; who did it and why is on record (break-glass)."""
    with ctx.store.change(who.actor) as change:
        user = find_user(change, username)
        user.failures, user.locked_until_ms = 0, 0
        change.put(user)
        change.record("account.unlocked", user.id, username=username, reason=body.reason)
        change.after_commit(lambda: ctx.part(SignInLimits).forgive(username))


# --- second factor ---------------------------------------------------------------------------


def _own_administrator(who: Principal, account_id: str) -> None:
    if who.user_id != account_id:
        raise refuse(403, "own_account_only")


@router.post(
    "/accounts/{account_id}/totp", operation_id="beginTotp", tags=["accounts"], dependencies=_OWN
)
def begin_totp(account_id: RecordId, who: SignedInDep, ctx: Context) -> TotpSecret:
    """Give oneself a second factor: it counts once a code proves that the authenticator has it."""
    _own_administrator(who, account_id)
    secret = new_secret()
    with ctx.store.change(who.actor) as change:
        user = change.session.get_one(User, account_id)
        user.totp_pending = secret
        change.put(user)
        change.record("account.totp_begun", user.id, username=user.username)
    uri = otpauth_uri(secret, user.username)
    return TotpSecret(secret=secret, uri=uri, svg=qr_svg(uri))


@router.post(
    "/accounts/{account_id}/totp/confirm",
    operation_id="confirmTotp",
    tags=["accounts"],
    dependencies=_OWN,
)
def confirm_totp(
    account_id: RecordId, body: ConfirmTotp, who: SignedInDep, ctx: Context
) -> AccountView:
    """Prove that the authenticator has the secret."""
    _own_administrator(who, account_id)
    with ctx.store.change(who.actor) as change:
        user = change.session.get_one(User, account_id)
        step = None
        if user.totp_pending is not None:
            step = verify(user.totp_pending, body.code, change.t_ms, last_step=None)
        if step is None:
            raise refuse(409, "totp_wrong", field="code")
        user.totp_secret, user.totp_pending, user.totp_step = user.totp_pending, None, step
        change.put(user)
        change.record("account.totp_set", user.id, username=user.username)
        change.session.flush()
        return account_views(change.session, [user])[0]
