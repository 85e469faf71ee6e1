"""Issuing documents: set once, stored as bytes, never set again from a newer template."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel
from sqlmodel import Session, col, func, select

from field_api.contract.ids import new_id
from field_api.core.blobs.files import BlobFiles
from field_api.core.change import Change
from field_api.core.documents.pdf import render_pdf
from field_api.core.documents.tables import Document, DocumentView
from field_api.core.records import Record, kind_of_table

__all__ = ["document_views", "issue", "issue_bytes", "next_number"]


def document_views(_session: Session, rows: Sequence[Document]) -> list[DocumentView]:
    """Return documents as clients see them."""
    return [DocumentView.model_validate(row) for row in rows]


def next_number(session: Session, kind: str, year: int, prefix: str) -> str:
    """Return the next number of a kind of document in a year, without gaps.

    Call it inside the change that issues the document: the writer's lock keeps it alone.
    """
    stem = f"{prefix}〔{year}〕"
    count = session.exec(
        select(func.count())
        .select_from(Document)
        .where(Document.kind == kind, col(Document.number).startswith(stem), Document.issue == 1)
    ).one()
    return f"{stem}{count + 1}号"


def issue(
    change: Change,
    blobs: BlobFiles,
    record: Record,
    template: Path,
    data: BaseModel,
    *,
    kind: str,
    number: str,
    incident_id: str | None,
    replaces: Document | None = None,
) -> Document:
    """Set a document, store its bytes and return its record; the caller records the act."""
    return issue_bytes(
        change,
        blobs,
        record,
        render_pdf(template, data),
        data,
        template_sha256=hashlib.sha256(template.read_bytes()).hexdigest(),
        kind=kind,
        number=number,
        incident_id=incident_id,
        replaces=replaces,
    )


def issue_bytes(
    change: Change,
    blobs: BlobFiles,
    record: Record,
    pdf: bytes,
    data: BaseModel,
    *,
    template_sha256: str,
    kind: str,
    number: str,
    incident_id: str | None,
    replaces: Document | None = None,
) -> Document:
    """Store a document that was set already and return its record; the caller records the act."""
    sha256 = hashlib.sha256(pdf).hexdigest()
    # On disk before the transaction ends: bytes without a record do no harm, the reverse would.
    blobs.put(sha256, pdf)
    return change.create(
        Document(
            id=new_id(),
            area=record.area,
            kind=kind,
            topic=kind_of_table(type(record)).topic,
            record_id=record.id,
            incident_id=incident_id,
            number=replaces.number if replaces else number,
            issue=replaces.issue + 1 if replaces else 1,
            replaces=replaces.id if replaces else None,
            template_sha256=template_sha256,
            content=data.model_dump(mode="json"),
            sha256=sha256,
            size_bytes=len(pdf),
            issued_ms=change.t_ms,
            issued_by=change.actor.name,
        )
    )
