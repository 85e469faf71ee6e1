"""The plan that comes with the program: what the law asks at each warning level."""

import json
from functools import cache
from importlib.resources import files

from field_api.core.roles import SYSTEM
from field_api.core.services import Services
from field_api.features.response_plans.tables import (
    ActionWho,
    PlanAction,
    PlanLevel,
    ResponsePlan,
    ResponsePlanState,
)

__all__ = ["WARNING_PLAN_ID", "put_in_plan"]

WARNING_PLAN_ID = "0192f0c1-7a00-7000-8000-000000000066"


@cache
def _levels() -> list[PlanLevel]:
    """Return the duties of articles 66 and 67 by level: 67 comes on top at the two highest."""
    text = files("field_api").joinpath("data", "law", "warning_duties.json").read_text("utf-8")
    duties = json.loads(text)
    at_each, more = duties["every_level"], duties["levels_1_and_2"]

    def actions(level: str) -> list[PlanAction]:
        wanted = [*at_each, *(more if level in ("1", "2") else [])]
        return [
            PlanAction(
                key=each["key"],
                title=each["title"],
                basis=each["basis"],
                who=ActionWho(kind="desk", name="区人民政府"),
            )
            for each in wanted
        ]

    return [
        PlanLevel(level=level, title=title, actions=actions(level))
        for level, title in duties["titles"].items()
    ]


def put_in_plan(ctx: Services) -> None:
    """Put the plan in once; what people made of it since stays."""
    with ctx.store.read() as session:
        if session.get(ResponsePlan, WARNING_PLAN_ID) is not None:
            return
    with ctx.store.change(SYSTEM) as change:
        # Asked again under the writer's lock: another worker may have been first.
        if change.session.get(ResponsePlan, WARNING_PLAN_ID) is not None:
            change.repeated = True
            return
        row = change.create(
            ResponsePlan(
                id=WARNING_PLAN_ID,
                plan_key=WARNING_PLAN_ID,
                edition=1,
                state=ResponsePlanState.APPROVED,
                shipped=True,
                name="预警期法定措施",
                owner="区人民政府",
                kinds=[],
                basis="中华人民共和国突发事件应对法(2024年修订)第六十六条、第六十七条",
                levels=_levels(),
                written_ms=change.t_ms,
                written_by=SYSTEM.name,
                decided_ms=change.t_ms,
                decided_by=SYSTEM.name,
            )
        )
        change.record("response_plan.put_in", row.id, name=row.name)
