"""Who may see and do what: roles, permissions, areas. The one place where reads are filtered.

A `Viewer` is what a request may see: what the role permits, in which areas, of which terminal or
incident. It is applied to every query of a session (`scoped`) and to every event of the tail.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, cast

from sqlalchemy import ColumnElement, event, false, or_, true
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlmodel import Session, col

from field_api.core.errors import refuse
from field_api.core.records import Record, RecordKind, ToldKind, kind_of_table, record_kinds
from field_api.core.roles import Actor, Permission, Role

__all__ = ["Principal", "Viewer", "inside", "scoped", "sees_row", "unscoped"]


@dataclass(frozen=True, slots=True)
class Viewer:
    """What may be seen."""

    role: Role
    areas: tuple[str, ...] = ()
    """Area codes; empty for the whole district."""
    terminal_id: str | None = None
    incident_id: str | None = None
    """A guest sees this one incident and nothing else."""

    def may(self, permission: Permission) -> bool:
        """Whether the role permits it."""
        return self.role in permission.roles

    def in_area(self, area: str) -> bool:
        """Whether a record of `area` is this person's business."""
        return inside(area, self.areas)

    def sees(
        self,
        kind: RecordKind[Any] | ToldKind,
        *,
        area: str,
        terminal_id: str | None,
        incident_id: str | None,
    ) -> bool:
        """Whether a record of a kind with these marks may be seen."""
        if self.incident_id is not None and incident_id != self.incident_id:
            return False
        if self.terminal_id is not None and terminal_id == self.terminal_id:
            own = kind.own_reads
            if own is not None and self.may(own):
                return True
        return self.may(kind.reads) and self.in_area(area)


def inside(area: str, areas: tuple[str, ...]) -> bool:
    """Whether a record of `area` lies within `areas`; no area concerns everybody."""
    return not area or not areas or any(area.startswith(code) for code in areas)


class _Named(Protocol):
    """The account behind a principal, as core knows it."""

    id: str
    username: str
    name: str


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in person and the session they use."""

    user: Any
    """Snapshot of the account: `id`, `username`, `name`, `role`, `terminal_id`, `areas`."""
    token: str
    actor: Actor
    viewer: Viewer

    @property
    def user_id(self) -> str:
        """The account's id."""
        return cast(_Named, self.user).id

    def may(self, permission: Permission) -> bool:
        """Whether the person's role permits it."""
        return self.viewer.may(permission)

    def require_area(self, area: str, field: str | None = None) -> None:
        """Let a record be written in an area of one's own only.

        Raises:
            ApiError: 403, the area is another's.
        """
        if not self.viewer.in_area(area):
            raise refuse(
                403, "outside_your_area", field=field, area=area, own=", ".join(self.viewer.areas)
            )


# --- every query of a session ----------------------------------------------------------------


def _in_areas(table: type[Record], areas: tuple[str, ...]) -> ColumnElement[bool]:
    if not areas:
        return true()
    return or_(col(table.area) == "", *(col(table.area).startswith(code) for code in areas))


def _criteria(table: type[Record], kind: RecordKind[Any], viewer: Viewer) -> ColumnElement[bool]:
    columns = cast(Any, table)
    allowed: ColumnElement[bool] = false()
    if viewer.may(kind.reads):
        allowed = _in_areas(table, viewer.areas)
    if kind.own_reads is not None and viewer.terminal_id and viewer.may(kind.own_reads):
        allowed = or_(allowed, getattr(columns, kind.own_column) == viewer.terminal_id)
    if viewer.incident_id is None:
        return allowed
    if kind.incident_column is None:
        return false()
    return allowed & (getattr(columns, kind.incident_column) == viewer.incident_id)


_UNSCOPED = "unscoped"
_VIEWER = "viewer"


def scoped(session: Session, viewer: Viewer | None) -> Session:
    """Make `session` see what `viewer` may see, None for everything."""
    session.info[_VIEWER] = viewer
    return session


@contextmanager
def unscoped(session: Session) -> Generator[None]:
    """See everything for a moment: whether a record may be seen decides its own mark, and its
    view is then made whole, also from records beside it."""
    before = session.info.get(_UNSCOPED, False)
    session.info[_UNSCOPED] = True
    try:
        yield
    finally:
        session.info[_UNSCOPED] = before


@event.listens_for(Session, "do_orm_execute")
def _filter(state: ORMExecuteState) -> None:  # pyright: ignore[reportUnusedFunction]
    info = state.session.info
    viewer = cast(Viewer | None, info.get(_VIEWER))
    if viewer is None or info.get(_UNSCOPED) or not state.is_select or state.is_column_load:
        return
    asked = {mapper.class_ for mapper in state.all_mappers}
    options = [
        with_loader_criteria(kind.table, _criteria(kind.table, kind, viewer), include_aliases=True)
        for kind in record_kinds()
        if kind.table in asked
    ]
    if options:
        state.statement = state.statement.options(*options)


def sees_row(viewer: Viewer, row: Record) -> bool:
    """Whether a record may be seen by `viewer`."""
    kind = kind_of_table(type(row))
    return viewer.sees(
        kind, area=row.area, terminal_id=kind.terminal_of(row), incident_id=kind.incident_of(row)
    )
