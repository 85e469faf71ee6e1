"""Storing what nodes send: exactly once by its id, together with what it means to features."""

from dataclasses import dataclass
from typing import Any

from field_api.contract.link import Durable
from field_api.core.change import Change
from field_api.core.feature import NodeMessage
from field_api.core.roles import Actor
from field_api.core.services import Services
from field_api.links.nodes.tables import ReceivedMessage

__all__ = ["Rejection", "store_batch"]


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
        The sequence numbers that are on disk now, repeated ones included, and the rejected.
        Where this raises, nothing of the batch is stored.
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
    if prepared:
        actor = Actor(f"node:{node_id}", node_id, source)
        with ctx.store.change(actor) as change:
            for item in prepared:
                if change.session.get(ReceivedMessage, item.message.id) is None:
                    _store(ctx, change, node_id, item)
    return [item.seq for item in prepared], rejected


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
