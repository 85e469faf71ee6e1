"""Signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from sqlmodel import select

from field_api.accounts.models import Credentials, SessionView, UnlockAccount, User
from field_api.accounts.rules import Permission
from field_api.accounts.sessions import end_session, idle_ms, open_session, token_hash, user_view
from field_api.errors import ApiError
from field_api.services import COOKIE, Context, Principal, identify, require, source_of

__all__ = ["router"]

router = APIRouter(tags=["session"])


def _nobody() -> ApiError:
    return ApiError(401, "not_signed_in", "请先登录", "Sign in first")


@router.post("/session", operation_id="signIn")
def sign_in(body: Credentials, request: Request, response: Response, ctx: Context) -> SessionView:
    """Sign in: browsers get the session as a cookie, programs use `token` as a bearer token."""
    user, token = open_session(
        ctx.store, ctx.settings, body.username, body.password, source_of(request), ctx.clock()
    )
    response.set_cookie(
        COOKIE,
        token,
        httponly=True,
        samesite="strict",
        secure=ctx.settings.secure_cookies,
        path="/",
    )
    return SessionView(user=user_view(user), token=token, idle_s=idle_ms(user, ctx.settings) / 1000)


@router.get("/session", operation_id="getSession")
def get_session(request: Request, ctx: Context) -> SessionView:
    """Say who is signed in."""
    principal = identify(request, ctx)
    if principal is None:
        raise _nobody()
    return SessionView(
        user=user_view(principal.user),
        token=None,
        idle_s=idle_ms(principal.user, ctx.settings) / 1000,
    )


@router.delete("/session", operation_id="signOut", status_code=204)
def sign_out(request: Request, response: Response, ctx: Context) -> None:
    """Sign out; the session's live connections are closed."""
    principal = identify(request, ctx)
    if principal is None:
        raise _nobody()
    end_session(ctx.store, principal.user, principal.token, source_of(request))
    ctx.live.close_session(token_hash(principal.token))
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")


@router.post("/accounts/{username}/unlock", operation_id="unlockAccount", status_code=204)
def unlock(
    username: Annotated[str, Path(max_length=60)],
    body: UnlockAccount,
    who: Annotated[Principal, Depends(require(Permission.ACCOUNT_UNLOCK))],
    ctx: Context,
) -> None:
    """Open a locked account in an emergency; who did it and why is on record (break-glass)."""
    with ctx.store.change(who.actor) as change:
        user = change.session.exec(select(User).where(User.username == username)).first()
        if user is None:
            raise ApiError(404, "unknown_account", "没有这个账号", "There is no such account")
        user.failures, user.locked_until_ms = 0, 0
        change.record(
            "account.unlocked",
            user.id,
            f"紧急解锁账号 {username},理由:{body.reason}",
            f"Account {username} unlocked in an emergency, because: {body.reason}",
        )
