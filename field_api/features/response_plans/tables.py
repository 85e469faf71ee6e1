"""Plans for emergencies, their drills, and what was started of them: the tables."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from field_api.core.columns import choice, integer64, shape
from field_api.core.records import Record, Requested

__all__ = [
    "ActionWho",
    "PlanAction",
    "PlanDrill",
    "PlanLevel",
    "PlanStart",
    "ResponseLevel",
    "ResponsePlan",
    "ResponsePlanState",
    "StartedAction",
]

ResponseLevel = Literal["1", "2", "3", "4"]
"""一级 to 四级; a scale of its own beside warning and incident levels (突发事件应对法 71)."""


class ResponsePlanState(StrEnum):
    """How far an edition has come; of a plan at most one is approved."""

    DRAFT = "draft"
    ASKED = "asked"
    """It waits for a commander."""
    APPROVED = "approved"
    SUPERSEDED = "superseded"
    """A later edition was approved; what was started from it keeps it."""
    WITHDRAWN = "withdrawn"


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True)


class ActionWho(_Kept):
    """Who does it: the desk itself, a team, or a handheld."""

    kind: Literal["desk", "team", "terminal"] = "desk"
    id: str = ""
    """Of the team or the handheld."""
    name: str = ""
    """As the plan says it, e.g. a department."""


class PlanAction(_Kept):
    """One thing to be done at a level."""

    key: str
    """The same action has the same key at every level: it is started once."""
    title: str
    text: str = ""
    who: ActionWho = ActionWho()
    within_min: int | None = None
    basis: str = ""
    """The article that asks for it, where one does."""


class PlanLevel(_Kept):
    """A response level and what is done at it."""

    level: ResponseLevel
    title: str
    actions: list[PlanAction]


class ResponsePlan(Requested, table=True):
    """One edition of a plan; once approved its content never changes."""

    __table_args__ = (UniqueConstraint("plan_key", "edition"),)

    plan_key: str = Field(index=True)
    """The same for all editions: the id of the first."""
    edition: int
    state: ResponsePlanState = choice(ResponsePlanState, index=True)
    shipped: bool = False
    """Came with the program, and cites its articles."""
    name: str
    owner: str = ""
    """The department that keeps it."""
    kinds: list[str] = shape(list[str])
    """Kinds of incident that it is for; empty is every kind."""
    basis: str = ""
    levels: list[PlanLevel] = shape(list[PlanLevel])
    expires_on: str | None = None
    """Last day, `YYYY-MM-DD`."""
    written_ms: int = integer64(index=True)
    written_by: str
    asked_ms: int | None = integer64(default=None)
    asked_by: str | None = None
    decided_ms: int | None = integer64(default=None)
    decided_by: str | None = None
    opinion: str = ""


class PlanDrill(Requested, table=True):
    """A drill of a plan that was held (生产安全事故应急条例 8)."""

    plan_key: str = Field(index=True)
    held_on: str = Field(index=True)
    note: str = ""
    incident_id: str | None = Field(default=None, foreign_key="incident.id", index=True)
    said_ms: int = integer64()
    said_by: str


class PlanStart(Requested, table=True):
    """A level of a plan was started for an incident."""

    incident_id: str = Field(foreign_key="incident.id", index=True)
    plan_id: str = Field(foreign_key="responseplan.id", index=True)
    """The edition: what is started keeps it."""
    plan_key: str
    level: str
    started_ms: int = integer64()
    started_by: str


class StartedAction(Record, table=True):
    """An action of a plan for an incident: started once, whatever level asks for it again."""

    __table_args__ = (UniqueConstraint("incident_id", "plan_key", "action_key"),)

    incident_id: str = Field(foreign_key="incident.id", index=True)
    start_id: str = Field(foreign_key="planstart.id", index=True)
    plan_key: str
    action_key: str
    title: str
    text: str = ""
    who: str = ""
    basis: str = ""
    task_id: str | None = None
    """The task it became; None where the desk does it itself."""
    started_ms: int = integer64(index=True)
    due_ms: int | None = integer64(default=None)
    done_ms: int | None = integer64(default=None)
    done_by: str | None = None
    note: str = ""
