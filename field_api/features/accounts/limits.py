"""The sign-in limiter: it knows the sources that signed in before, and other workers' refusals."""

import threading

from pydantic import BaseModel
from sqlmodel import col, select

from field_api.core.exchange import Topic
from field_api.core.services import Services
from field_api.features.accounts.tables import User, UserSession
from field_api.features.accounts.throttle import (
    Admitted,
    Refused,
    Throttle,
    ThrottleLimits,
    source_of_address,
)

__all__ = ["SignInLimits"]

REMEMBERED = 5000
WRONG = "wrong_password"


class _Told(BaseModel):
    account: str
    source: str


class SignInLimits:
    """May be used from any thread."""

    def __init__(self, ctx: Services) -> None:
        settings = ctx.settings
        self._ctx = ctx
        self._lock = threading.Lock()
        self._throttle = Throttle(
            ThrottleLimits(
                source_tries=settings.login_source_tries,
                account_tries=settings.login_tries,
                window_ms=int(settings.login_lock_s * 1000),
            )
        )
        self._remember_sources()
        self._topic = Topic(ctx.exchange, WRONG, _Told, self._failed_elsewhere)

    def _remember_sources(self) -> None:
        """An owner's own place stays good over a restart: it stands beside the open sessions."""
        with self._ctx.store.read() as session:
            rows = session.exec(
                select(User.username, UserSession.source, UserSession.created_ms)
                .join(UserSession, col(UserSession.user_id) == col(User.id))
                .order_by(col(UserSession.last_seen_ms).desc())
                .limit(REMEMBERED)
            ).all()
        now_ms = self._ctx.clock()
        for username, source, created_ms in sorted(rows, key=lambda row: row[2]):
            if source:
                at_ms = min(created_ms, now_ms)
                self._throttle.remember(username, source_of_address(source), at_ms, now_ms)

    def begin(self, username: str, source: str) -> Admitted | Refused:
        """Count one try before anything is judged."""
        with self._lock:
            return self._throttle.begin(username, source_of_address(source), self._ctx.clock())

    def failed(self, admitted: Admitted) -> bool:
        """The password was wrong; return whether the account is locked for unknown sources now."""
        self._topic.tell(lambda: _Told(account=admitted.account, source=admitted.source))
        with self._lock:
            self._throttle.failed(admitted)
            return self._throttle.locked_for_ms(admitted.account, self._ctx.clock()) > 0

    def _failed_elsewhere(self, _worker: str, told: _Told) -> None:
        with self._lock:
            self._throttle.begin(told.account, told.source, self._ctx.clock())

    def withdrawn(self, admitted: Admitted) -> None:
        """It was no guess."""
        with self._lock:
            self._throttle.withdrawn(admitted)

    def succeeded(self, admitted: Admitted) -> None:
        """The password was right: the source is good for the account from now on."""
        with self._lock:
            self._throttle.succeeded(admitted, self._ctx.clock())

    def forgive(self, username: str) -> None:
        """Forget the tries against an account: somebody broke the glass."""
        with self._lock:
            self._throttle.forgive(username)
