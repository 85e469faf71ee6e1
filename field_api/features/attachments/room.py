"""How much room files may take: all together, and those of one account."""

import shutil
import threading

from sqlmodel import Session, col, func, select

from field_api.core.access import Principal
from field_api.core.blobs.tables import Media, Upload
from field_api.core.errors import ApiError, refuse
from field_api.core.services import Services

__all__ = ["MediaRoom"]


class MediaRoom:
    """Keeps count of what files take; counts anew once a minute, other processes store some too.

    Documents and pictures of detections count and are never refused: they are the post's own work.
    May be used from any thread.
    """

    def __init__(self, ctx: Services) -> None:
        self._ctx = ctx
        self._lock = threading.Lock()
        self._by_account: dict[str, int] | None = None

    def count(self) -> None:
        """Count anew."""
        with self._ctx.store.read() as session:
            counted = _counted(session)
        with self._lock:
            self._by_account = counted

    def check(self, who: Principal, size_bytes: int) -> None:
        """Refuse a file for which there is no room.

        Raises:
            ApiError: 507 `media_full` or `media_share_full`.
        """
        if self._by_account is None:
            self.count()
        with self._lock:
            counted = self._by_account or {}
            total = sum(counted.values())
            # Files know who stored them by name, uploads by the account's id.
            own = counted.get(who.actor.id, 0) + counted.get(who.user_id, 0)
        settings = self._ctx.settings
        free = shutil.disk_usage(settings.data_dir).free
        limit = int((total + free) * settings.media_share)
        if total + size_bytes > limit:
            raise _full("media_full", total, limit)
        share = int(limit * settings.media_account_share)
        if own + size_bytes > share:
            raise _full("media_share_full", own, share)

    def took(self, who: Principal, size_bytes: int) -> None:
        """Count a new file; a negative size gives room back."""
        with self._lock:
            if self._by_account is not None:
                own = self._by_account.get(who.actor.id, 0) + size_bytes
                self._by_account[who.actor.id] = max(0, own)


def _full(code: str, used: int, limit: int) -> ApiError:
    return refuse(507, code, used=_megabytes(used), limit=_megabytes(limit))


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.0f}" if size_bytes >= 1e7 else f"{size_bytes / 1e6:.1f}"


def _counted(session: Session) -> dict[str, int]:
    stored = select(Media.stored_by, func.sum(Media.size_bytes)).group_by(Media.stored_by)
    # What was begun will come.
    begun = (
        select(Upload.user_id, func.sum(Upload.length_bytes))
        .where(col(Upload.offset_bytes) < col(Upload.length_bytes))
        .group_by(Upload.user_id)
    )
    found: dict[str, int] = {}
    for query in (stored, begun):
        for account, size_bytes in session.exec(query):
            found[account] = found.get(account, 0) + int(size_bytes)
    return found
