"""Signing in: limited before anything is hashed, every outcome on record."""

from sqlmodel import select
from starlette.concurrency import run_in_threadpool

from field_api.core.errors import ApiError, refuse
from field_api.core.refusals import Refusals
from field_api.core.roles import Actor
from field_api.core.services import Services
from field_api.features.accounts.limits import SignInLimits
from field_api.features.accounts.messages import Credentials
from field_api.features.accounts.passwords import hashing, verify_password
from field_api.features.accounts.second_factor import verify
from field_api.features.accounts.sessions import add_session
from field_api.features.accounts.tables import User
from field_api.features.accounts.throttle import Refused, source_of_address

__all__ = ["sign_in"]


def _shut_out(refused: Refused) -> ApiError:
    seconds = -(-refused.retry_after_ms // 1000)
    error = refuse(429, refused.code, seconds=seconds)
    error.retry_after_s = seconds
    return error


def _find(ctx: Services, username: str) -> User | None:
    with ctx.store.read() as session:
        return session.exec(select(User).where(User.username == username).limit(1)).first()


async def sign_in(ctx: Services, body: Credentials, source: str) -> tuple[User, str]:
    """Check a password and open a session.

    Returns:
        The user and the session's token.

    Raises:
        ApiError: 401 for a wrong name or password (it does not say which), `totp_needed` where the
            second factor is missing; 429 while source or account are limited.
    """
    limits = ctx.part(SignInLimits)
    admitted = limits.begin(body.username, source)
    if isinstance(admitted, Refused):
        raise _shut_out(admitted)
    user = await run_in_threadpool(_find, ctx, body.username)
    usable = user is not None and not user.disabled and not user.erased
    stored = user.password_hash if user is not None and usable else None
    fits = await hashing(verify_password, stored, body.password)
    if not fits or user is None:
        locked = limits.failed(admitted)
        await run_in_threadpool(_note_failure, ctx, body.username, user, source, locked)
        raise refuse(401, "wrong_credentials")
    step = user.totp_step
    if user.totp_secret is not None:
        if body.totp is None:
            # The password fits: what is missing is no guess.
            limits.withdrawn(admitted)
            raise refuse(401, "totp_needed", field="totp")
        found = verify(user.totp_secret, body.totp, ctx.clock(), last_step=user.totp_step or None)
        if found is None:
            locked = limits.failed(admitted)
            await run_in_threadpool(_note_failure, ctx, body.username, user, source, locked)
            raise refuse(401, "totp_wrong", field="totp")
        step = found
    limits.succeeded(admitted)
    return await run_in_threadpool(_open, ctx, user.id, step, source)


def _open(ctx: Services, user_id: str, totp_step: int, source: str) -> tuple[User, str]:
    with ctx.store.read() as session:
        user = session.get_one(User, user_id)
    with ctx.store.change(Actor(user.username, user.name, source)) as change:
        kept = change.session.get_one(User, user_id)
        if kept.totp_step != totp_step or kept.failures or kept.locked_until_ms:
            kept.failures, kept.locked_until_ms, kept.totp_step = 0, 0, totp_step
            change.put(kept)
        token = add_session(change.session, kept, source, change.t_ms)
        change.record("session.opened", kept.id, name=kept.name, username=kept.username)
    return kept, token


def _note_failure(
    ctx: Services, username: str, user: User | None, source: str, locked: bool
) -> None:
    first = ctx.part(Refusals).is_first("session.refused", source_of_address(source), username)
    if not first and not locked:
        return
    actor = Actor(username, user.name if user else username, source)
    with ctx.store.change(actor) as change:
        if first:
            change.record("session.refused", username, username=username)
        if user is None:
            return
        row = change.session.get_one(User, user.id)
        if locked and row.locked_until_ms <= change.t_ms:
            row.locked_until_ms = change.t_ms + int(ctx.settings.login_lock_s * 1000)
            change.put(row)
            change.record("account.locked", row.id, username=username)
