"""Starting a plan's actions for an incident: tasks for handhelds, the rest for the desk."""

from sqlmodel import col, select

from field_api.contract.ids import new_id
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.texts import Both
from field_api.core.wire import digest
from field_api.features.incidents.records import open_incident
from field_api.features.incidents.tables import Incident
from field_api.features.response_plans.messages import ChosenAction, FinishAction, StartPlan
from field_api.features.response_plans.permissions import RESPONSE_START
from field_api.features.response_plans.tables import (
    PlanAction,
    PlanLevel,
    PlanStart,
    ResponsePlan,
    ResponsePlanState,
    StartedAction,
)
from field_api.features.roster.tables import Terminal
from field_api.features.tasks.messages import AssignTask
from field_api.features.tasks.operations import ASSIGN

__all__ = ["FINISH", "START"]

MINUTE_MS = 60_000
LEVELS_ZH = {"1": "一级", "2": "二级", "3": "三级", "4": "四级"}


def _level(plan: ResponsePlan, asked: str) -> PlanLevel:
    for level in plan.levels:
        if level.level == asked:
            return level
    raise refuse(422, "plan_without_level", field="level", name=plan.name)


def _chosen(level: PlanLevel, asked: list[ChosenAction] | None) -> dict[str, ChosenAction]:
    """Return what is to be started, by the action's key."""
    if asked is None:
        return {action.key: ChosenAction(key=action.key) for action in level.actions}
    chosen = {each.key: each for each in asked}
    unknown = chosen.keys() - {action.key for action in level.actions}
    if unknown:
        raise refuse(422, "plan_without_action", field="actions", key=sorted(unknown)[0])
    return chosen


def _handheld(change: Change, action: PlanAction, chosen: ChosenAction) -> str | None:
    """Return the handheld that an action goes to, None where the desk does it itself."""
    if chosen.terminal_id is not None:
        return change.get(Terminal, chosen.terminal_id, field="actions").id
    if action.who.kind == "terminal":
        row = change.find(Terminal, action.who.id)
        return row.id if row is not None else None
    if action.who.kind == "team":
        of_team = select(Terminal.id).where(Terminal.team_id == action.who.id)
        return change.session.exec(of_team.order_by(col(Terminal.id)).limit(1)).first()
    return None


def _task(call: Call[StartPlan], incident: Incident, action: PlanAction, terminal_id: str) -> str:
    """Send the action as a task to the incident's place; return its id."""
    limit = f"({action.within_min}分钟内)" if action.within_min else ""
    parts = (f"{action.text}{limit}", f"依据:{action.basis}" if action.basis else "")
    body = AssignTask(
        id=new_id(),
        incident_id=incident.id,
        terminal_id=terminal_id,
        title=action.title,
        text="\n".join(part for part in parts if part),
        lat_deg=incident.lat_deg,
        lon_deg=incident.lon_deg,
    )
    return ASSIGN.run(Call(call.ctx, call.change, call.who, body)).id


def _start(call: Call[StartPlan]) -> PlanStart:
    """Start a level's actions in one go; one that runs for this incident is left alone."""
    change, body = call.change, call.body
    known = change.known(PlanStart, body, body.id, incident_id=call.target)
    if known is not None:
        return known
    incident = open_incident(change, call.target)
    plan = change.get(ResponsePlan, body.plan_id, field="plan_id")
    if plan.state is not ResponsePlanState.APPROVED:
        raise refuse(409, f"response_plan_is_{plan.state.value}", name=plan.name)
    level = _level(plan, body.level)
    chosen = _chosen(level, body.actions)
    running = set(
        change.session.exec(
            select(StartedAction.action_key).where(
                StartedAction.incident_id == incident.id, StartedAction.plan_key == plan.plan_key
            )
        ).all()
    )
    new = [each for each in level.actions if each.key in chosen and each.key not in running]
    if not new:
        raise refuse(409, "actions_started", name=plan.name)
    row = change.create(
        PlanStart(
            id=body.id,
            area=incident.area,
            incident_id=incident.id,
            plan_id=plan.id,
            plan_key=plan.plan_key,
            level=body.level,
            started_ms=change.t_ms,
            started_by=call.who.actor.name,
            request_sha256=digest(body),
        )
    )
    change.session.flush()
    for action in new:
        terminal_id = _handheld(change, action, chosen[action.key])
        within = action.within_min
        change.create(
            StartedAction(
                id=new_id(),
                area=incident.area,
                incident_id=incident.id,
                start_id=row.id,
                plan_key=plan.plan_key,
                action_key=action.key,
                title=action.title,
                text=action.text,
                who=terminal_id or action.who.name or action.who.id,
                basis=action.basis,
                task_id=_task(call, incident, action, terminal_id) if terminal_id else None,
                started_ms=change.t_ms,
                due_ms=None if within is None else change.t_ms + within * MINUTE_MS,
            ),
            fresh_id=True,
        )
    change.record(
        "response_plan.started",
        row.id,
        incident_id=incident.id,
        refs={"plan_id": plan.id},
        by=row.started_by,
        name=plan.name,
        edition=plan.edition,
        level=Both(LEVELS_ZH[row.level], f"level {row.level}"),
        count=len(new),
    )
    return row


def _finish(call: Call[FinishAction]) -> StartedAction:
    """Say that an action is done; one that became a task is done with its task or by this word."""
    change, body = call.change, call.body
    row = change.get(StartedAction, call.target)
    if row.done_ms is not None:
        if row.note == body.note:
            change.repeated = True
            return row
        raise refuse(409, "action_done", by=row.done_by or "")
    change.put(row)
    row.done_ms, row.done_by, row.note = change.t_ms, call.who.actor.name, body.note
    change.record(
        "response_plan.action_done",
        row.id,
        incident_id=row.incident_id,
        by=row.done_by,
        title=row.title,
        note=body.note,
    )
    return row


START = Operation(
    "response_plan.start", RESPONSE_START, StartPlan, _start, targeted=True, batch=False
)
FINISH = Operation(
    "response_plan.finish", RESPONSE_START, FinishAction, _finish, targeted=True, batch=False
)
