"""What went wrong below a request, in words that people can act on: busy, full, damaged."""

import errno
import sqlite3
from dataclasses import dataclass

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as WaitedTooLongError

from field_api.core.errors import ApiError, refusal_response, refuse
from field_api.core.services import get_services

__all__ = ["install_failure_handlers", "is_damage", "told_failure"]

log = structlog.get_logger(__name__)

RETRY_S = 2


@dataclass(frozen=True, slots=True)
class _Kind:
    code: str
    status: int
    retry_after_s: int | None


_BUSY = _Kind("database_busy", 503, RETRY_S)
_AWAY = _Kind("database_away", 503, RETRY_S)
_FULL = _Kind("disk_full", 507, None)
_READ_ONLY = _Kind("disk_read_only", 503, None)
_DAMAGED = _Kind("database_damaged", 503, None)

_SQLITE = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_IOERR: _AWAY,
    sqlite3.SQLITE_CANTOPEN: _AWAY,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}
_ERRNO = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EROFS: _READ_ONLY,
}
_POSTGRESQL = {
    "53100": _FULL,
    "55P03": _BUSY,
    "57014": _BUSY,
    "40001": _BUSY,
    "40P01": _BUSY,
    "25006": _READ_ONLY,
    "XX001": _DAMAGED,
    "XX002": _DAMAGED,
}


def _kind(error: BaseException) -> _Kind | None:
    if isinstance(error, WaitedTooLongError):
        return _BUSY
    if isinstance(error, OSError):
        return _ERRNO.get(error.errno or 0)
    below = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(below, sqlite3.Error):
        # The lowest byte is the kind, those above it say more about it.
        return _SQLITE.get(getattr(below, "sqlite_errorcode", 0) & 0xFF)
    if not isinstance(error, DBAPIError):
        return None
    found = _POSTGRESQL.get(getattr(below, "sqlstate", None) or "")
    gone = error.connection_invalidated or isinstance(error, OperationalError)
    return found or (_AWAY if gone else None)


def told_failure(error: BaseException) -> ApiError | None:
    """Return the refusal that a failure comes to, None for a fault of the program."""
    kind = _kind(error)
    if kind is None:
        return None
    told = refuse(kind.status, kind.code)
    told.retry_after_s = kind.retry_after_s
    return told


def is_damage(error: BaseException) -> bool:
    """Whether the database says that its file is damaged."""
    return _kind(error) is _DAMAGED


def install_failure_handlers(app: FastAPI) -> None:
    """Answer what fails below a request with a sentence, where there is one; log it once."""

    async def on_failure(request: Request, error: Exception) -> JSONResponse:
        told = told_failure(error)
        if told is None:
            raise error
        if is_damage(error):
            get_services(request).note_damage(str(error))
        log.error(
            "failed",
            path=request.scope["path"],
            status=told.status,
            code=told.detail.code,
            error=str(getattr(error, "orig", error)),
        )
        return refusal_response(told)

    for kind in (DBAPIError, WaitedTooLongError, OSError):
        app.add_exception_handler(kind, on_failure)
