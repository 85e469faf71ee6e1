"""Signing in, recognising and ending sessions."""

import hashlib
import secrets

from sqlmodel import Session, col, delete, select

from field_api.accounts.models import User, UserSession, UserView
from field_api.accounts.passwords import verify_password
from field_api.accounts.rules import LoginState, Permission, after_failure, locked_for_ms, permits
from field_api.errors import ApiError
from field_api.settings import Settings
from field_api.store import Actor, Store

__all__ = ["end_session", "idle_ms", "open_session", "recognise", "token_hash", "user_view"]

TOUCH_EVERY_MS = 30_000
"""How often a session's last-seen time is written down."""


def token_hash(token: str) -> str:
    """Return what is stored of a random token."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def idle_ms(user: User, settings: Settings) -> int:
    """Return how long a session of `user` lasts without a request."""
    idle_s = settings.terminal_session_idle_s if user.terminal_id else settings.session_idle_s
    return int(idle_s * 1000)


def user_view(user: User) -> UserView:
    """Return what a client may know of `user`."""
    return UserView(
        id=user.id,
        username=user.username,
        name=user.name,
        role=user.role,
        terminal_id=user.terminal_id,
        areas=[code for code in user.areas.split(",") if code],
        permissions=[p.value for p in Permission if permits(user.role, p)],
    )


def _locked(wait_ms: int) -> ApiError:
    wait_s = -(-wait_ms // 1000)
    return ApiError(
        429,
        "locked",
        f"密码多次错误,账号已锁定,{wait_s} 秒后再试",
        f"Too many wrong passwords; the account is locked for {wait_s} s",
    )


def open_session(
    store: Store, settings: Settings, username: str, password: str, source: str, now_ms: int
) -> tuple[User, str]:
    """Check a password and open a session; every outcome is audited.

    Returns:
        The user and the session's token.

    Raises:
        ApiError: 401 for a wrong name or password (it does not say which), 429 while locked.
    """
    with store.read() as session:
        user = session.exec(select(User).where(User.username == username)).first()
    if user is not None:
        wait_ms = locked_for_ms(LoginState(user.failures, user.locked_until_ms), now_ms)
        if wait_ms:
            raise _locked(wait_ms)
    fits = verify_password(user.password_hash if user else None, password)
    actor = Actor(username, user.name if user else username, source)
    if user is None or user.disabled or not fits:
        _note_failure(store, settings, actor, username, now_ms)
        raise ApiError(
            401, "wrong_credentials", "用户名或密码不正确", "The user name or password is wrong"
        )
    token = secrets.token_urlsafe(32)
    with store.change(actor) as change:
        kept = change.session.get_one(User, user.id)
        kept.failures, kept.locked_until_ms = 0, 0
        change.session.add(
            UserSession(
                token_hash=token_hash(token),
                user_id=user.id,
                created_ms=now_ms,
                last_seen_ms=now_ms,
            )
        )
        change.record("session.opened", user.id, f"{user.name} 登录", f"{user.username} signed in")
    return user, token


def _note_failure(
    store: Store, settings: Settings, actor: Actor, username: str, now_ms: int
) -> None:
    with store.change(actor) as change:
        change.record(
            "session.refused", username, f"{username} 登录失败", f"{username} failed to sign in"
        )
        user = change.session.exec(select(User).where(User.username == username)).first()
        if user is None:
            return
        state = after_failure(
            LoginState(user.failures, user.locked_until_ms),
            now_ms,
            tries=settings.login_tries,
            lock_ms=int(settings.login_lock_s * 1000),
        )
        user.failures, user.locked_until_ms = state.failures, state.locked_until_ms
        if state.locked_until_ms:
            change.record(
                "account.locked",
                user.id,
                f"{username} 因多次输错密码被锁定",
                f"{username} was locked after repeated wrong passwords",
            )


def recognise(
    store: Store, settings: Settings, token: str, now_ms: int, *, touch: bool = True
) -> User | None:
    """Return whose live session `token` is, None for an unknown, expired or disabled one.

    `touch` counts as use of the session; watching alone does not.
    """
    hashed = token_hash(token)
    with store.read() as session:
        found = session.get(UserSession, hashed)
        user = session.get(User, found.user_id) if found else None
    if found is None or user is None or user.disabled:
        return None
    if now_ms - found.last_seen_ms > idle_ms(user, settings):
        return None
    if touch and now_ms - found.last_seen_ms > TOUCH_EVERY_MS:
        with store.housekeep() as session:
            kept = session.get(UserSession, hashed)
            if kept is not None:
                kept.last_seen_ms = now_ms
    return user


def end_session(store: Store, user: User, token: str, source: str) -> None:
    """Sign out."""
    with store.change(Actor(user.username, user.name, source)) as change:
        kept = change.session.get(UserSession, token_hash(token))
        if kept is not None:
            change.session.delete(kept)
        change.record("session.closed", user.id, f"{user.name} 退出", f"{user.username} signed out")


def forget_expired(session: Session, settings: Settings, now_ms: int) -> None:
    """Delete sessions that no setting would let live."""
    longest_ms = int(max(settings.session_idle_s, settings.terminal_session_idle_s) * 1000)
    session.exec(delete(UserSession).where(col(UserSession.last_seen_ms) < now_ms - longest_ms))
