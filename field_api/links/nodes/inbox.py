"""Storing what nodes send: exactly once by its id, together with what it means to features."""

from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from field_api.contract.link import Durable
from field_api.core.change import Change
from field_api.core.feature import NodeMessage
from field_api.core.roles import Actor
from field_api.core.services import Services
from field_api.links.nodes.tables import ReceivedMessage

__all__ = ["Rejection", "store_batch"]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A message that can never be stored, and why."""

    seq: int
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class _Prepared:
    seq: int
    message: Any
    handler: NodeMessage


def _handler(ctx: Services, message: Any) -> NodeMessage:
    for feature in ctx.features:
        for handler in feature.node_messages:
            if isinstance(message, handler.message):
                return handler
    raise ValueError(f"no feature takes {type(message).__name__}")


def store_batch(
    ctx: Services, node_id: str, source: str, batch: list[Durable]
) -> tuple[list[int], list[Rejection]]:
    """Store messages in one transaction; call from a worker thread.

    Returns:
        The sequence numbers that are on disk now, repeated ones included, and the rejected: the
        node keeps these aside for a person. Where this raises, they come again.
    """
    prepared: list[_Prepared] = []
    rejected: list[Rejection] = []
    for item in batch:
        try:
            handler = _handler(ctx, item.message)
            message: Any = item.message
            if handler.prepare is not None:
                # Pictures go to disk before the transaction, which then is short.
                message = handler.prepare(ctx, message)
            prepared.append(_Prepared(item.seq, message, handler))
        except ValueError as error:
            rejected.append(Rejection(item.seq, "bad_evidence", str(error)))
    if not prepared:
        return [], rejected
    actor = Actor(f"node:{node_id}", node_id, source)
    try:
        _store_all(ctx, actor, node_id, prepared)
    except (SQLAlchemyError, OSError):
        raise  # The disk or the lock: nothing is wrong with the messages, they come again.
    except Exception:
        log.exception("batch_not_stored", node=node_id, messages=len(prepared))
        return _one_by_one(ctx, actor, node_id, prepared, rejected)
    return [item.seq for item in prepared], rejected


def _one_by_one(
    ctx: Services, actor: Actor, node_id: str, prepared: list[_Prepared], rejected: list[Rejection]
) -> tuple[list[int], list[Rejection]]:
    """Store what can be: one message that a feature fails on must not hold up all behind it."""
    stored: list[int] = []
    for item in prepared:
        try:
            _store_all(ctx, actor, node_id, [item])
        except (SQLAlchemyError, OSError):
            raise
        except Exception as error:
            log.exception("message_not_stored", node=node_id, kind=item.message.kind)
            rejected.append(Rejection(item.seq, "not_stored", f"{type(error).__name__}: {error}"))
        else:
            stored.append(item.seq)
    return stored, rejected


def _store_all(ctx: Services, actor: Actor, node_id: str, prepared: list[_Prepared]) -> None:
    with ctx.store.change(actor) as change:
        for item in prepared:
            if change.session.get(ReceivedMessage, item.message.id) is None:
                _store(ctx, change, node_id, item)


def _store(ctx: Services, change: Change, node_id: str, item: _Prepared) -> None:
    message = item.message
    change.session.add(
        ReceivedMessage(
            id=message.id,
            kind=message.kind,
            node_id=node_id,
            t_ms=message.t_ms,
            received_ms=change.t_ms,
            body=message.model_dump_json(),
        )
    )
    item.handler.store(ctx, change, node_id, message)
    change.session.flush()
