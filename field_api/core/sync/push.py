"""Taking in what handhelds made: exactly once, in order, an answer for every item."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from pydantic import ValidationError
from sqlmodel import col, or_, select

from field_api.core.access import Principal
from field_api.core.change import Change
from field_api.core.errors import ApiError, refuse, validation_detail
from field_api.core.operation import Call, Operation
from field_api.core.records import Record, kind_of_table, kind_of_topic
from field_api.core.services import Services
from field_api.core.sync.messages import Answer, AnswerStatus, ChangedRecord, Push, PushItem
from field_api.core.sync.tables import SyncItem
from field_api.core.wire import Body, digest

__all__ = ["ITEMS_A_TRANSACTION", "push"]

log = structlog.get_logger(__name__)

ITEMS_A_TRANSACTION = 100


class _RefusalMet(Exception):  # noqa: N818 - it is no error, it says how to go on
    """An item must be undone alone, and nothing stands that would undo it."""


def push(ctx: Services, who: Principal, body: Push) -> list[Answer]:
    """Apply a handheld's items; what is answered is on disk."""
    if body.author != who.user_id:
        text = refuse(403, "other_author")
        return [_refused(item, text) for item in body.items]
    answers: list[Answer] = []
    for first in range(0, len(body.items), ITEMS_A_TRANSACTION):
        part = body.items[first : first + ITEMS_A_TRANSACTION]
        answers += _take_part(ctx, who, body.device_id, part)
    return answers


def _take_part(
    ctx: Services, who: Principal, device_id: str, part: Sequence[PushItem]
) -> list[Answer]:
    """Apply some items in one transaction.

    Nearly always all of them are fine, and a savepoint round each costs as much as the item: they
    are tried without, and once more with savepoints where one is refused.
    """
    try:
        with ctx.store.change(who) as change:
            return _Batch(ctx, change, who, device_id, savepoints=False).take_all(part)
    except _RefusalMet:
        with ctx.store.change(who) as change:
            return _Batch(ctx, change, who, device_id, savepoints=True).take_all(part)


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


def _knows(body: type[Body], name: str) -> bool:
    return name in body.model_fields or body.model_config.get("extra") == "allow"


@dataclass(slots=True)
class _Outcome:
    """What became of an item, before the records are shown."""

    answer: Answer
    row: Record | None = None


@dataclass
class _Batch:
    """Items in one transaction; each is undone alone where it is refused."""

    ctx: Services
    change: Change
    who: Principal
    device_id: str
    savepoints: bool
    _asked: set[str] = field(default_factory=set[str])
    _known: dict[str, SyncItem] = field(default_factory=dict[str, SyncItem])
    _waiting: dict[str, list[SyncItem]] = field(default_factory=dict[str, list[SyncItem]])
    """What waits for the items of this batch."""

    def __post_init__(self) -> None:
        """Find the operations that a batch may hold."""
        self._batch_operations: dict[str, Operation[Body]] = {
            operation.name: operation
            for feature in self.ctx.features
            for operation in feature.operations
            if operation.batch
        }

    def take_all(self, items: Sequence[PushItem]) -> list[Answer]:
        """Apply items in their order and return an answer for each."""
        self._read(items)
        outcomes = [self._take(item) for item in items]
        return self._shown(outcomes)

    def _read(self, items: Sequence[PushItem]) -> None:
        """Read at once what is known of the items, of those they name, and what waits for them."""
        self._asked = {item.id for item in items}
        named = self._asked | {item.after for item in items if item.after is not None}
        rows = self.change.session.exec(
            select(SyncItem).where(
                or_(col(SyncItem.id).in_(named), col(SyncItem.waits_for).in_(self._asked))
            )
        )
        for row in rows:
            self._known[row.id] = row
            if row.waits_for in self._asked:
                self._waiting.setdefault(row.waits_for, []).append(row)
        self._look_for(item for item in items if item.id not in self._known)

    def _look_for(self, items: Iterable[PushItem]) -> None:
        """Look at once for what the items make: they may have come by another way before."""
        ids: dict[type[Any], list[str]] = {}
        for item in items:
            operation = self._batch_operations.get(item.op)
            made_id = item.body.get("id")
            if operation is not None and operation.makes is not None and isinstance(made_id, str):
                ids.setdefault(operation.makes, []).append(made_id)
        for table, wanted in ids.items():
            self.change.look_for(table, wanted)

    def _take(self, item: PushItem) -> _Outcome:
        known = self._known.get(item.id)
        if known is not None:
            if known.request_sha256 != _digest(item) or known.user_id != self.who.user_id:
                return _Outcome(_refused(item, refuse(409, "id_taken", field="id")))
            if known.waits_for is not None:
                return _Outcome(Answer(id=item.id, status=AnswerStatus.HELD))
            return self._outcome(item, AnswerStatus.REPEATED, self._row(known))
        if item.after is not None and not self._applied(item.after):
            self._keep(item, None, waits_for=item.after)
            return _Outcome(Answer(id=item.id, status=AnswerStatus.HELD))
        return self._apply(item)

    def _applied(self, item_id: str) -> bool:
        row = self._known.get(item_id) or self.change.session.get(SyncItem, item_id)
        return row is not None and row.waits_for is None and row.user_id == self.who.user_id

    def _apply(self, item: PushItem) -> _Outcome:
        try:
            if self.savepoints:
                known = dict(self._known)
                try:
                    with self.change.savepoint():
                        outcome = self._do(item)
                except ApiError:
                    self._known = known
                    raise
            else:
                outcome = self._do(item)
        except ApiError as error:
            if not self.savepoints:
                raise _RefusalMet from error
            log.info("sync_item_refused", op=item.op, code=error.detail.code)
            return _Outcome(_refused(item, error))
        self._release(item.id)
        return outcome

    def _do(self, item: PushItem) -> _Outcome:
        row, repeated = self._run(item)
        self._keep(item, row)
        status = AnswerStatus.REPEATED if repeated else AnswerStatus.APPLIED
        return self._outcome(item, status, row)

    def _run(self, item: PushItem) -> tuple[Record, bool]:
        operation = self._operation(item.op)
        if not self.who.may(operation.permission):
            raise refuse(403, "forbidden", permission=operation.permission.name)
        known = {name: item.body[name] for name in item.body if _knows(operation.body, name)}
        try:
            body = operation.body.model_validate(known)
        except ValidationError as error:
            detail = validation_detail([dict(finding) for finding in error.errors()])
            raise ApiError(
                422, detail.code, detail.text_zh, detail.text_en, field=detail.field
            ) from None
        self.change.repeated = False
        row = operation.run(Call(self.ctx, self.change, self.who, body, item.target))
        if self.savepoints:
            # What the database refuses is refused of this item and not of a later one.
            self.change.session.flush()
        return row, self.change.repeated

    def _operation(self, name: str) -> Operation[Body]:
        operation = self._batch_operations.get(name)
        if operation is not None:
            return operation
        raise refuse(422, "unknown_operation", field="op", op=name)

    def _keep(self, item: PushItem, row: Record | None, *, waits_for: str | None = None) -> None:
        kept = self._known.get(item.id)
        if kept is None:
            kept = self._known[item.id] = SyncItem(
                id=item.id,
                device_id=self.device_id,
                user_id=self.who.user_id,
                request_sha256=_digest(item),
                received_ms=self.change.t_ms,
            )
        kept.waits_for = waits_for
        kept.item = json.loads(item.model_dump_json()) if waits_for else None
        kept.unknown = self._unknown(item) or None
        if row is not None:
            kept.topic, kept.record_id = kind_of_table(type(row)).topic, row.id
        self.change.session.add(kept)
        if waits_for is not None:
            self._waiting.setdefault(waits_for, []).append(kept)
            self.change.record("sync.held", item.id, op=item.op)
        elif not self.change.acts:
            # A repeated request changes nothing, but that it came is kept.
            self.change.record("sync.repeated", item.id, op=item.op)

    def _unknown(self, item: PushItem) -> dict[str, Any]:
        """Return what of an item this version does not know, as it came."""
        try:
            body = self._operation(item.op).body
        except ApiError:
            return {}
        unknown: dict[str, Any] = dict(item.model_extra or {})
        return unknown | {
            f"body.{name}": value for name, value in item.body.items() if not _knows(body, name)
        }

    def _release(self, item_id: str) -> None:
        """Apply what waited for an item, and what waited for that in turn."""
        waiting = self._waiting.pop(item_id, [])
        if item_id not in self._asked:
            # A held one from before: what waits for it was not read with the batch.
            rows = self.change.session.exec(select(SyncItem).where(SyncItem.waits_for == item_id))
            waiting = [*waiting, *(row for row in rows if row not in waiting)]
        for held in waiting:
            if held.user_id != self.who.user_id:
                continue
            self._known[held.id] = held
            answer = self._apply(PushItem.model_validate(held.item)).answer
            if answer.status is AnswerStatus.REFUSED:
                # The handheld asks again and is told why; here it no longer waits.
                self.change.session.delete(held)
                self._known.pop(held.id, None)
                self.change.record("sync.dropped", held.id, code=answer.code or "")

    def _row(self, known: SyncItem) -> Record | None:
        kind = kind_of_topic(known.topic or "")
        if kind is None or known.record_id is None:
            return None
        return self.change.find(kind.table, known.record_id)

    def _outcome(self, item: PushItem, status: AnswerStatus, row: Record | None) -> _Outcome:
        missing: list[str] = []
        if row is not None:
            for feature in self.ctx.features:
                if feature.media_missing is not None:
                    missing += feature.media_missing(self.ctx, self.change.session, row, item.body)
        unknown = sorted(self._known[item.id].unknown or {})
        return _Outcome(
            Answer(id=item.id, status=status, media_missing=missing, unknown=unknown), row
        )

    def _shown(self, outcomes: list[_Outcome]) -> list[Answer]:
        """Return the answers; the last one of each record carries it as it is now.

        A day's fifty reports of one task would else be sent fifty times.
        """
        last = {id(outcome.row): at for at, outcome in enumerate(outcomes) if outcome.row}
        rows = {at: outcomes[at].row for at in last.values()}
        views = self.change.views(row for row in rows.values() if row is not None)
        answers = [outcome.answer for outcome in outcomes]
        for (at, row), view in zip(rows.items(), views, strict=True):
            assert row is not None
            record = ChangedRecord(
                type=kind_of_table(type(row)).topic,
                id=row.id,
                version=row.version,
                area=row.area,
                data=json.loads(view.model_dump_json()),
            )
            answers[at] = answers[at].model_copy(update={"record": record})
        return answers
