"""What is known of the request under way: its id, and who asks once that is clear."""

import secrets
from contextvars import ContextVar
from dataclasses import dataclass

from starlette.types import Scope

__all__ = ["RequestNote", "note_of", "request_id", "use_note"]

_KEY = "xunshan.note"
_under_way: ContextVar["RequestNote | None"] = ContextVar("request_note", default=None)


@dataclass(slots=True)
class RequestNote:
    """One request, or one socket."""

    id: str
    principal: str | None = None
    """User name, once it is known."""

    @staticmethod
    def fresh() -> "RequestNote":
        """Return the note of a request that brought no id."""
        return RequestNote(secrets.token_hex(8))


def use_note(scope: Scope, note: RequestNote) -> None:
    """Make `note` that of the connection, and of what is logged and answered for it."""
    # Beside the variable: copies of the scope share the object, copies of the context don't.
    scope[_KEY] = note
    _under_way.set(note)


def note_of(scope: Scope) -> RequestNote | None:
    """Return a connection's note, None where nothing made one."""
    return scope.get(_KEY)


def request_id() -> str | None:
    """Return the id of the request under way, None outside of one."""
    note = _under_way.get()
    return note.id if note else None
