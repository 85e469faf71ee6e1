"""Plans for emergencies on the wire."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from field_api.contract.ids import RecordId
from field_api.core.wire import Body, LongText, Name, ShortText, View
from field_api.features.incidents.tables import IncidentKind
from field_api.features.response_plans.tables import (
    PlanLevel,
    ResponseLevel,
    ResponsePlanState,
)

__all__ = [
    "ActionView",
    "AskPlanApproval",
    "ChosenAction",
    "DecidePlan",
    "DrillView",
    "EditPlan",
    "FinishAction",
    "PlanStartView",
    "ResponsePlanView",
    "SayDrill",
    "StartPlan",
    "StartedView",
    "WithdrawPlan",
    "WriteResponsePlan",
]

Version = Annotated[int, Field(ge=1)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class WhoBody(Body):
    """Who does it."""

    kind: Annotated[str, Field(pattern="^(desk|team|terminal)$")] = "desk"
    id: Annotated[str, Field(max_length=40)] = ""
    name: Annotated[str, Field(max_length=120)] = ""


class ActionBody(Body):
    """One thing to be done."""

    key: Name
    title: ShortText
    text: Annotated[str, Field(max_length=2000)] = ""
    who: WhoBody = WhoBody()
    within_min: Annotated[int, Field(ge=1, le=10_080)] | None = None
    basis: Annotated[str, Field(max_length=200)] = ""


class LevelBody(Body):
    """A response level and what is done at it."""

    level: ResponseLevel
    title: ShortText
    actions: Annotated[list[ActionBody], Field(min_length=1, max_length=60)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({action.key for action in self.actions}) != len(self.actions):
            raise ValueError("an action's key comes twice in one level")
        return self


class _Content(Body):
    name: ShortText
    owner: Annotated[str, Field(max_length=120)] = ""
    kinds: Annotated[list[IncidentKind], Field(max_length=10)] = Field(default=[])
    basis: Annotated[str, Field(max_length=400)] = ""
    levels: Annotated[list[LevelBody], Field(min_length=1, max_length=4)]
    expires_on: Day | None = None

    @model_validator(mode="after")
    def _levels_once(self) -> Self:
        if len({each.level for each in self.levels}) != len(self.levels):
            raise ValueError("a level comes twice")
        return self


class WriteResponsePlan(_Content):
    """A new plan, or the next edition of one."""

    id: RecordId
    of: RecordId | None = None
    """An edition of the plan that this is the next edition of."""


class EditPlan(_Content):
    """Other content of a draft, all of it."""

    version: Version


class AskPlanApproval(Body):
    """Ask a commander to approve it."""

    version: Version


class DecidePlan(Body):
    """Approve the edition that was looked at, or send it back with a reason."""

    version: Version
    approve: bool
    opinion: LongText = ""


class WithdrawPlan(Body):
    """It is in force no longer."""

    version: Version
    reason: Annotated[LongText, Field(min_length=1)]


class SayDrill(Body):
    """A drill of the plan was held."""

    id: RecordId
    held_on: Day
    note: LongText = ""
    incident_id: RecordId | None = None
    """The drill's incident, where it was played here."""


class ChosenAction(Body):
    """An action to be started."""

    key: Name
    terminal_id: Name | None = None
    """Another handheld than the plan's; None takes the plan's team or handheld."""


class StartPlan(Body):
    """Start a level's actions; those that run already are left alone."""

    id: RecordId
    plan_id: RecordId
    level: ResponseLevel
    actions: Annotated[list[ChosenAction], Field(max_length=60)] | None = None
    """None starts all of the level."""


class FinishAction(Body):
    """It is done, or no longer needed; the note says which."""

    note: LongText = ""


class ResponsePlanView(View):
    """One edition of a plan."""

    id: str
    version: int
    area: str
    plan_key: str
    edition: int
    state: ResponsePlanState
    shipped: bool
    name: str
    owner: str
    kinds: list[str]
    basis: str
    levels: list[PlanLevel]
    expires_on: str | None
    written_ms: int
    written_by: str
    asked_ms: int | None
    asked_by: str | None
    decided_ms: int | None
    decided_by: str | None
    opinion: str


class DrillView(View):
    """A drill that was held."""

    id: str
    version: int
    area: str
    plan_key: str
    held_on: str
    note: str
    incident_id: str | None
    said_ms: int
    said_by: str


class PlanStartView(View):
    """A level of a plan that was started for an incident."""

    id: str
    version: int
    area: str
    incident_id: str
    plan_id: str
    plan_key: str
    level: str
    started_ms: int
    started_by: str


class ActionView(View):
    """An action that was started."""

    id: str
    version: int
    area: str
    incident_id: str
    start_id: str
    plan_key: str
    action_key: str
    title: str
    text: str
    who: str
    basis: str
    task_id: str | None
    started_ms: int
    due_ms: int | None
    done_ms: int | None
    done_by: str | None
    note: str


class StartedView(View):
    """What was started for an incident."""

    starts: list[PlanStartView]
    actions: list[ActionView]
