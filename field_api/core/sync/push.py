"""Taking in what handhelds made: exactly once, in order, an answer for every item."""

import json
from dataclasses import dataclass
from typing import Any

import structlog
from pydantic import ValidationError
from sqlmodel import Session, select

from field_api.core.access import Principal
from field_api.core.change import Change
from field_api.core.errors import ApiError, refuse, validation_detail
from field_api.core.operation import Call, Operation
from field_api.core.records import Record, kind_of_table, kind_of_topic
from field_api.core.services import Services
from field_api.core.sync.messages import Answer, AnswerStatus, ChangedRecord, Push, PushItem
from field_api.core.sync.tables import SyncItem
from field_api.core.wire import digest

__all__ = ["ITEMS_A_TRANSACTION", "push", "records_seen"]

log = structlog.get_logger(__name__)

ITEMS_A_TRANSACTION = 100


def push(ctx: Services, who: Principal, body: Push) -> list[Answer]:
    """Apply a handheld's items; what is answered is on disk."""
    if body.author != who.user_id:
        text = refuse(403, "other_author")
        return [_refused(item, text) for item in body.items]
    answers: list[Answer] = []
    for first in range(0, len(body.items), ITEMS_A_TRANSACTION):
        part = body.items[first : first + ITEMS_A_TRANSACTION]
        with ctx.store.change(who) as change:
            batch = _Batch(ctx, change, who, body.device_id)
            answers += [batch.take(item) for item in part]
    return answers


def _refused(item: PushItem, error: ApiError) -> Answer:
    detail = error.detail
    return Answer(
        id=item.id,
        status=AnswerStatus.REFUSED,
        code=detail.code,
        text_zh=detail.text_zh,
        text_en=detail.text_en,
        field=detail.field,
    )


def _digest(item: PushItem) -> str:
    """Return what tells items apart; what an item comes after is the sender's present view."""
    return digest(item.model_copy(update={"after": None}))


def records_seen(session: Session, row: Record) -> ChangedRecord:
    """Return a record as sync sends it."""
    kind = kind_of_table(type(row))
    return ChangedRecord(
        type=kind.topic,
        id=row.id,
        version=row.version,
        area=row.area,
        data=json.loads(kind.view(session, row).model_dump_json()),
    )


@dataclass
class _Batch:
    """Items in one transaction; each is undone alone where it is refused."""

    ctx: Services
    change: Change
    who: Principal
    device_id: str

    def take(self, item: PushItem) -> Answer:
        session = self.change.session
        known = session.get(SyncItem, item.id)
        if known is not None:
            if known.request_sha256 != _digest(item) or known.user_id != self.who.user_id:
                return _refused(item, refuse(409, "id_taken", field="id"))
            if known.waits_for is not None:
                return Answer(id=item.id, status=AnswerStatus.HELD)
            return self._answer(item, AnswerStatus.REPEATED, self._row(known))
        if item.after is not None and not self._applied(item.after):
            self._keep(item, None, waits_for=item.after)
            return Answer(id=item.id, status=AnswerStatus.HELD)
        return self._apply(item)

    def _applied(self, item_id: str) -> bool:
        row = self.change.session.get(SyncItem, item_id)
        return row is not None and row.waits_for is None and row.user_id == self.who.user_id

    def _apply(self, item: PushItem) -> Answer:
        try:
            with self.change.savepoint():
                row, repeated = self._run(item)
                self._keep(item, row)
                status = AnswerStatus.REPEATED if repeated else AnswerStatus.APPLIED
                answer = self._answer(item, status, row)
        except ApiError as error:
            log.info("sync_item_refused", op=item.op, code=error.detail.code)
            return _refused(item, error)
        self._release(item.id)
        return answer

    def _run(self, item: PushItem) -> tuple[Record, bool]:
        operation = self._operation(item.op)
        if not self.who.may(operation.permission):
            raise refuse(403, "forbidden", permission=operation.permission.name)
        try:
            body = operation.body.model_validate(item.body)
        except ValidationError as error:
            detail = validation_detail([dict(finding) for finding in error.errors()])
            raise ApiError(
                422, detail.code, detail.text_zh, detail.text_en, field=detail.field
            ) from None
        self.change.repeated = False
        row = operation.run(Call(self.ctx, self.change, self.who, body, item.target))
        self.change.session.flush()
        return row, self.change.repeated

    def _operation(self, name: str) -> Operation[Any]:
        for feature in self.ctx.features:
            for operation in feature.operations:
                if operation.name == name and operation.batch:
                    return operation
        raise refuse(422, "unknown_operation", field="op", op=name)

    def _keep(self, item: PushItem, row: Record | None, *, waits_for: str | None = None) -> None:
        known = self.change.session.get(SyncItem, item.id)
        kept = known or SyncItem(
            id=item.id,
            device_id=self.device_id,
            user_id=self.who.user_id,
            request_sha256=_digest(item),
            received_ms=self.change.t_ms,
        )
        kept.waits_for = waits_for
        kept.item = json.loads(item.model_dump_json()) if waits_for else None
        if row is not None:
            kept.topic, kept.record_id = kind_of_table(type(row)).topic, row.id
        self.change.session.add(kept)
        self.change.session.flush()
        if waits_for is not None:
            self.change.record("sync.held", item.id, op=item.op)
        elif not self.change.acts:
            # A repeated request changes nothing, but that it came is kept.
            self.change.record("sync.repeated", item.id, op=item.op)

    def _release(self, item_id: str) -> None:
        """Apply what waited for an item, and what waited for that in turn."""
        waiting = self.change.session.exec(
            select(SyncItem).where(
                SyncItem.waits_for == item_id, SyncItem.user_id == self.who.user_id
            )
        ).all()
        for held in waiting:
            answer = self._apply(PushItem.model_validate(held.item))
            if answer.status is AnswerStatus.REFUSED:
                # The handheld asks again and is told why; here it no longer waits.
                self.change.session.delete(held)
                self.change.record("sync.dropped", held.id, code=answer.code or "")

    def _row(self, known: SyncItem) -> Record | None:
        kind = kind_of_topic(known.topic or "")
        if kind is None or known.record_id is None:
            return None
        return self.change.find(kind.table, known.record_id)

    def _answer(self, item: PushItem, status: AnswerStatus, row: Record | None) -> Answer:
        if row is None:
            return Answer(id=item.id, status=status)
        missing: list[str] = []
        for feature in self.ctx.features:
            if feature.media_missing is not None:
                missing += feature.media_missing(self.ctx, self.change.session, row, item.body)
        record = records_seen(self.change.session, row)
        return Answer(id=item.id, status=status, record=record, media_missing=missing)
