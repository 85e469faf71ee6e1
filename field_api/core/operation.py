"""Operations: written once, reachable as an HTTP route and as an item of a batch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel
from sqlmodel import Session

from field_api.core.access import Principal
from field_api.core.records import Record
from field_api.core.roles import Permission
from field_api.core.wire import Body

if TYPE_CHECKING:
    from field_api.core.change import Change
    from field_api.core.services import Services

__all__ = ["Call", "Operation", "RowView", "run_operation"]

B = TypeVar("B", bound=Body)


RowView = Callable[["Services", Session, Any], BaseModel]


@dataclass(frozen=True)
class Call(Generic[B]):
    """One call of an operation, inside a transaction."""

    ctx: "Services"
    change: "Change"
    who: Principal
    body: B
    target: str = ""
    """Id of the record acted on, for operations that have one."""


@dataclass(frozen=True)
class Operation(Generic[B]):
    """Something a person does to a record."""

    name: str
    """Stable, e.g. `task.move`; items of a batch name it."""
    permission: Permission
    body: type[B]
    run: Callable[[Call[B]], Record]
    """Does it and returns the record that shows it."""
    makes: type[Any] | None = None
    """Table of the row that its body's `id` names: a batch looks for all of them at once."""
    targeted: bool = False
    batch: bool = True
    """Whether a handheld may send it later; flight orders must never wait in a queue."""


def run_operation(
    ctx: "Services",
    operation: Operation[B],
    who: Principal,
    body: B,
    target: str = "",
    view: RowView | None = None,
) -> tuple[BaseModel, bool]:
    """Do one operation in a transaction of its own; `view` shows more than the kind's own.

    Returns:
        What clients see of the record, and whether the request was known already.
    """
    with ctx.store.change(who) as change:
        row = operation.run(Call(ctx, change, who, body, target))
        repeated = change.repeated
        change.session.flush()
        if view is not None:
            shown = view(ctx, change.session, row)
        else:
            (shown,) = change.views([row])
    return shown, repeated
