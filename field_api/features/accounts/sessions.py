"""Sessions: opened, recognised without asking the database each time, touched in batches, ended."""

import hashlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import bindparam
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, delete, func, select, update
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from field_api.core.access import Principal, Viewer
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.events import TailEvent
from field_api.core.roles import Actor
from field_api.core.services import Services
from field_api.features.accounts.tables import Device, DeviceState, User, UserSession
from field_api.settings import Settings

__all__ = ["Sessions", "add_session", "idle_ms", "principal_of", "token_hash"]

REMEMBER_MS = 5_000
"""A session ended by another worker is noticed after this; one ended here at once."""
DEVICE_HEADER = "x-xunshan-device"
MOST_REMEMBERED = 20_000
IN_USE_MS = 60_000
"""A session not used for so long is read anew when it is."""
REFRESHED_AT_ONCE = 500
GUEST_LONGEST_MS = 72 * 3_600_000


def token_hash(token: str) -> str:
    """Return what is stored of a random token."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def idle_ms(user: User, settings: Settings) -> int:
    """Return how long a session of `user` lasts without a request; a guest's lasts as its link."""
    if user.expires_ms is not None:
        return GUEST_LONGEST_MS
    idle_s = settings.terminal_session_idle_s if user.terminal_id else settings.session_idle_s
    return int(idle_s * 1000)


def principal_of(user: User, token: str, source: str) -> Principal:
    """Return who is asking."""
    viewer = Viewer(user.role, tuple(user.areas), user.terminal_id, user.incident_id)
    return Principal(user, token, Actor(user.username, user.name, source), viewer)


def add_session(session: Session, user: User, source: str, now_ms: int) -> str:
    """Open a session and return its token."""
    token = secrets.token_urlsafe(32)
    session.add(
        UserSession(
            token_hash=token_hash(token),
            user_id=user.id,
            created_ms=now_ms,
            last_seen_ms=now_ms,
            source=source,
        )
    )
    return token


def _note_use(
    session: Session,
    table: type[UserSession] | type[Device],
    key: Mapped[str],
    used: dict[str, int],
) -> None:
    """Write down when rows, named by a key, were used last."""
    if not used:
        return
    seen_ms = func.coalesce(col(table.last_seen_ms), 0)
    statement = (
        update(table)
        .where(key == bindparam("used"), seen_ms < bindparam("t_ms"))
        .values(last_seen_ms=bindparam("t_ms"))
    )
    values = [{"used": name, "t_ms": t_ms} for name, t_ms in used.items()]
    session.connection().execute(statement, values)


@dataclass(slots=True)
class _Known:
    user: User
    last_seen_ms: int
    read_ms: int


class Sessions:
    """The sessions of this process. May be used from any thread."""

    def __init__(self, ctx: Services) -> None:
        """Take the place of the core's authenticator."""
        self._ctx = ctx
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}
        self._touched: dict[str, int] = {}
        self._devices: dict[str, tuple[DeviceState, int]] = {}
        self._devices_seen: dict[str, int] = {}
        """When devices were last heard of, by their id; not yet written down."""
        self._on_end: list[Callable[[str], None]] = []
        ctx.authenticator = self

    # --- recognising ------------------------------------------------------------------------

    def remembered(self, token: str, source: str, *, touch: bool) -> Principal | None:
        """Return whose session `token` is where it was read a moment ago."""
        now_ms, hashed = self._ctx.clock(), token_hash(token)
        with self._lock:
            known = self._known.get(hashed)
            if known is None or not 0 <= now_ms - known.read_ms <= REMEMBER_MS:
                return None
            if not self._alive(known, now_ms):
                return None
            if touch:
                known.last_seen_ms = max(known.last_seen_ms, now_ms)
                self._touched[hashed] = now_ms
        return principal_of(known.user, token, source)

    def recognise(self, token: str, source: str, *, touch: bool) -> Principal | None:
        """Return whose live session `token` is, None for an unknown, expired or disabled one."""
        now_ms, hashed = self._ctx.clock(), token_hash(token)
        known = self._read(hashed, now_ms)
        with self._lock:
            if known is None:
                self._known.pop(hashed, None)
                return None
            if touch:
                known.last_seen_ms = max(known.last_seen_ms, now_ms)
                self._touched[hashed] = now_ms
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[hashed] = known
        return principal_of(known.user, token, source)

    def of_hash(self, hashed: str, source: str) -> Principal | None:
        """Return whose live session has this hash; asking is no use of it.

        For what was permitted in a session and is used without its token.
        """
        known = self._read(hashed, self._ctx.clock())
        return principal_of(known.user, "", source) if known is not None else None

    def _read(self, hashed: str, now_ms: int) -> _Known | None:
        """Return a session that lives, as the database has it and as it was used here since."""
        with self._ctx.store.read() as session:
            found = session.get(UserSession, hashed)
            user = session.get(User, found.user_id) if found else None
        if found is None or user is None:
            return None
        with self._lock:
            seen_ms = max(found.last_seen_ms, self._touched.get(hashed, 0))
        known = _Known(user, seen_ms, now_ms)
        return known if self._alive(known, now_ms) else None

    def _alive(self, known: _Known, now_ms: int) -> bool:
        user = known.user
        if user.disabled or (user.expires_ms is not None and now_ms >= user.expires_ms):
            return False
        return now_ms - known.last_seen_ms <= idle_ms(user, self._ctx.settings)

    async def check_device(self, connection: HTTPConnection, principal: Principal) -> None:
        """Refuse what comes from a device that is locked, revoked or to be wiped.

        Raises:
            ApiError: 401 for an unknown device, 423 for a locked, 410 for one to be wiped.
        """
        token = connection.headers.get(DEVICE_HEADER)
        if token is None:
            needs = self._ctx.settings.require_device and principal.viewer.terminal_id is not None
            if needs and not connection.url.path.endswith("/session"):
                raise refuse(401, "device_needed")
            return
        hashed, now_ms = token_hash(token), self._ctx.clock()
        state, read_ms = self._devices.get(hashed, (None, 0))
        if state is None or not 0 <= now_ms - read_ms <= REMEMBER_MS:
            state = await run_in_threadpool(self._device_state, hashed)
            if state is None:
                raise refuse(401, "unknown_device_token")
            self._devices[hashed] = (state, now_ms)
        if state is DeviceState.LOCKED:
            raise refuse(423, "device_locked")
        if state in (DeviceState.WIPING, DeviceState.WIPED):
            raise refuse(410, "device_wipe")
        if state is not DeviceState.ENROLLED:
            raise refuse(401, "device_revoked")

    def _device_state(self, hashed: str) -> DeviceState | None:
        with self._ctx.store.read() as session:
            device = session.exec(
                select(Device).where(Device.token_hash == hashed).limit(1)
            ).first()
        if device is None:
            return None
        # Written down later, with others: who only reads must not wait for a turn to write.
        with self._lock:
            self._devices_seen[device.id] = self._ctx.clock()
        return device.state

    # --- ending -----------------------------------------------------------------------------

    def on_end(self, call: Callable[[str], None]) -> None:
        """Call `call` with the token's hash of every session that ends here."""
        self._on_end.append(call)

    def end(
        self, change: Change, user: User, *, token: str | None = None, but: str | None = None
    ) -> int:
        """End a person's sessions: one, all, or all but one; return how many.

        The caller records why.
        """
        mine = select(UserSession).where(UserSession.user_id == user.id)
        if token is not None:
            mine = mine.where(UserSession.token_hash == token_hash(token))
        if but is not None:
            mine = mine.where(UserSession.token_hash != token_hash(but))
        rows = change.session.exec(mine).all()
        hashes = [row.token_hash for row in rows]
        for row in rows:
            change.session.delete(row)

        def forget() -> None:
            with self._lock:
                for hashed in hashes:
                    self._known.pop(hashed, None)
                    self._touched.pop(hashed, None)
            for call in self._on_end:
                for hashed in hashes:
                    call(hashed)

        change.after_commit(forget)
        return len(rows)

    def forget_changed(self, events: list[TailEvent]) -> None:
        """Read accounts and devices anew that were changed, wherever that was done."""
        changed = {event.record_id for event in events if event.topic == "account"}
        devices = any(event.topic == "device" for event in events)
        if not changed and not devices:
            return
        with self._lock:
            gone = [key for key, known in self._known.items() if known.user.id in changed]
            for hashed in gone:
                del self._known[hashed]
            if devices:
                self._devices.clear()

    # --- bookkeeping ------------------------------------------------------------------------

    def refresh(self) -> None:
        """Look once for all sessions in use whether they and their accounts are as they were.

        Asked for each when its turn comes, three hundred handhelds would cost a quarter of a core.
        """
        now_ms = self._ctx.clock()
        with self._lock:
            used = [key for key, known in self._known.items() if self._in_use(known, now_ms)]
        if not used:
            return
        there: dict[str, int] = {}
        with self._ctx.store.read() as session:
            for at in range(0, len(used), REFRESHED_AT_ONCE):
                found = (
                    select(UserSession.token_hash, User.version)
                    .join(User, col(User.id) == UserSession.user_id)
                    .where(col(UserSession.token_hash).in_(used[at : at + REFRESHED_AT_ONCE]))
                )
                there.update(session.exec(found).all())
        with self._lock:
            for key in used:
                known = self._known.get(key)
                if known is None or known.read_ms > now_ms:
                    continue
                if there.get(key) == known.user.version:
                    known.read_ms = now_ms
                else:
                    del self._known[key]

    @staticmethod
    def _in_use(known: _Known, now_ms: int) -> bool:
        return now_ms - known.last_seen_ms <= IN_USE_MS

    def write_touched(self) -> None:
        """Write down when sessions and devices were last used: many in one transaction.

        Bookkeeping, not an act: it makes no version. What could not be written is tried again.
        """
        with self._lock:
            touched, self._touched = self._touched, {}
            devices, self._devices_seen = self._devices_seen, {}
        if not touched and not devices:
            return
        try:
            with self._ctx.store.housekeep() as session:
                _note_use(session, UserSession, col(UserSession.token_hash), touched)
                _note_use(session, Device, col(Device.id), devices)
        except Exception:
            with self._lock:
                # What came meanwhile is newer.
                self._touched = touched | self._touched
                self._devices_seen = devices | self._devices_seen
            raise

    def forget_expired(self) -> None:
        """Delete sessions that no setting would let live."""
        settings = self._ctx.settings
        idle_s = max(settings.session_idle_s, settings.terminal_session_idle_s)
        longest_ms = max(int(idle_s * 1000), GUEST_LONGEST_MS)
        with self._ctx.store.housekeep() as session:
            session.exec(
                delete(UserSession).where(
                    col(UserSession.last_seen_ms) < self._ctx.clock() - longest_ms
                )
            )

    def close(self) -> None:
        """Write down what is not yet."""
        self.write_touched()
