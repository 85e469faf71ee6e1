"""Stored files, what they belong to, and uploads under way: the tables."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, select

from field_api.core.change import Change
from field_api.core.columns import integer64
from field_api.core.records import Record, kind_of_topic
from field_api.core.roles import Actor

__all__ = [
    "Attachment",
    "Media",
    "Upload",
    "add_media",
    "attach",
    "media_views",
    "missing_media",
    "missing_of_body",
    "stored_media",
]


class Media(SQLModel, table=True):
    """One stored file, named by its hash; it never changes."""

    sha256: str = Field(primary_key=True)
    media_type: str
    size_bytes: int = integer64()
    stored_ms: int = integer64()
    stored_by: str = Field(index=True)


class Attachment(SQLModel, table=True):
    """That a file belongs to a record, with the facts beside its bytes."""

    __table_args__ = (Index("ix_attachment_record", "topic", "record_id"),)

    sha256: str = Field(primary_key=True)
    topic: str = Field(primary_key=True)
    record_id: str = Field(primary_key=True)
    role: str = ""
    """What it is there: photo, voice, signature ..."""
    t_ms: int | None = integer64(default=None)
    """When it was taken, by the device's clock."""
    lat_deg: float | None = None
    lon_deg: float | None = None
    device_id: str = ""
    added_ms: int = integer64()
    added_by: str


class Upload(SQLModel, table=True):
    """A resumable upload: how far it has come is acknowledged here."""

    id: str = Field(primary_key=True)
    user_id: str = Field(index=True)
    sha256: str
    media_type: str
    length_bytes: int = integer64()
    offset_bytes: int = integer64(default=0)
    expires_ms: int = integer64(index=True)
    raw_metadata: str = ""
    """As the client gave it: HEAD returns it."""
    topic: str = ""
    record_id: str = ""
    role: str = ""
    t_ms: int | None = integer64(default=None)
    lat_deg: float | None = None
    lon_deg: float | None = None
    device_id: str = ""


def add_media(change: Change, sha256: str, media_type: str, size_bytes: int, by: Actor) -> bool:
    """Register a file whose bytes are on disk; return whether it is new. The caller records why.

    Records that wait for it are told anew.
    """
    if change.session.get(Media, sha256) is not None:
        return False
    change.session.add(
        Media(
            sha256=sha256,
            media_type=media_type,
            size_bytes=size_bytes,
            stored_ms=change.t_ms,
            stored_by=by.id,
        )
    )
    change.session.flush()
    attached = change.session.exec(select(Attachment).where(Attachment.sha256 == sha256)).all()
    for attachment in attached:
        kind = kind_of_topic(attachment.topic)
        if kind is not None and kind.shows_media:
            row = change.session.get(kind.table, attachment.record_id)
            if row is not None:
                change.retell(row)
    return True


def attach(
    change: Change,
    sha256: str,
    topic: str,
    record_id: str,
    *,
    role: str = "",
    t_ms: int | None = None,
    lat_deg: float | None = None,
    lon_deg: float | None = None,
    device_id: str = "",
) -> None:
    """Tie a file to a record, whichever of the two comes first; again changes nothing."""
    if change.session.get(Attachment, (sha256, topic, record_id)) is None:
        change.session.add(
            Attachment(
                sha256=sha256,
                topic=topic,
                record_id=record_id,
                role=role,
                t_ms=t_ms,
                lat_deg=lat_deg,
                lon_deg=lon_deg,
                device_id=device_id,
                added_ms=change.t_ms,
                added_by=change.actor.id,
            )
        )
        change.session.flush()


def stored_media(session: Session, hashes: Iterable[str]) -> set[str]:
    """Return which of some files are here."""
    asked = set(hashes)
    if not asked:
        return set()
    return set(session.exec(select(Media.sha256).where(col(Media.sha256).in_(asked))))


def missing_media(session: Session, hashes: Sequence[str]) -> list[str]:
    """Return which of some files are not here, in their order."""
    here = stored_media(session, hashes)
    return [sha256 for sha256 in hashes if sha256 not in here]


def missing_of_body(session: Session, body: dict[str, Any]) -> list[str]:
    """Return which files that an operation's body names as `media` are not here."""
    named = [sha256 for sha256 in body.get("media", []) if isinstance(sha256, str)]
    return missing_media(session, named)


R = TypeVar("R", bound=Record)
V = TypeVar("V", bound=BaseModel)


def media_views(
    session: Session, rows: Sequence[R], named: Callable[[R], list[str]], view_type: type[V]
) -> list[V]:
    """Return rows as clients see them, with the files that have not come as `media_missing`.

    Args:
        session: where they are.
        rows: of one kind.
        named: the files that a row names.
        view_type: what clients see of one.
    """
    here = stored_media(session, [sha256 for row in rows for sha256 in named(row)])
    return [
        view_type.model_validate(
            {
                **row.model_dump(),
                "media_missing": [sha256 for sha256 in named(row) if sha256 not in here],
            }
        )
        for row in rows
    ]
