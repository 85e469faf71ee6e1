"""The same search flown in other ways, for people to choose between."""

from collections.abc import Iterator

from field_api.core.errors import ApiError
from field_api.core.services import Services
from field_api.features.planning.messages import MakePlan, OptionKind, PlanOption
from field_api.features.plans.records import compute_plan
from mission_plans.ground.camera import object_height_px
from mission_plans.values.plan import PlanRequest, SearchPlan

__all__ = ["plan_options"]

STEP = 1.5
"""How much lower and higher the others are flown."""
LOWEST_AGL_M, HIGHEST_AGL_M = 30.0, 120.0
"""Above 120 m an application is needed everywhere (Art. 19, 31)."""
MORE_OVERLAP = 0.4
PERSON_M = 1.7


def plan_options(ctx: Services, request: PlanRequest, body: MakePlan) -> list[PlanOption]:
    """Return what was asked first, then its alternatives; one that can't be planned is left out.

    Raises:
        ApiError: 422, what was asked itself can't be planned.
    """
    options = [_option("asked", compute_plan(ctx, request, body.id))]
    for kind, changed in _alternatives(request):
        try:
            options.append(_option(kind, compute_plan(ctx, changed, body.id)))
        except ApiError as error:
            if error.status != 422:
                raise
    return options


def _alternatives(request: PlanRequest) -> Iterator[tuple[OptionKind, PlanRequest]]:
    lower_m = max(LOWEST_AGL_M, round(request.agl_m / STEP / 5) * 5.0)
    if lower_m < request.agl_m:
        yield "lower", request.model_copy(update={"agl_m": lower_m})
    higher_m = min(HIGHEST_AGL_M, round(request.agl_m * STEP / 5) * 5.0)
    if higher_m > request.agl_m:
        yield "higher", request.model_copy(update={"agl_m": higher_m})
    if request.overlap < MORE_OVERLAP:
        yield "overlap", request.model_copy(update={"overlap": MORE_OVERLAP})
    if len(request.aircraft) > 1:
        yield "fewer", request.model_copy(update={"aircraft": request.aircraft[:-1]})


def _option(kind: OptionKind, plan: SearchPlan) -> PlanOption:
    request, metrics = plan.request, plan.metrics
    return PlanOption(
        kind=kind,
        agl_m=request.agl_m,
        overlap=request.overlap,
        vehicle_ids=[craft.vehicle_id for craft in request.aircraft],
        sorties=len(plan.sorties),
        finished_s=metrics.finished_s,
        longest_sortie_s=metrics.longest_sortie_s,
        coverage_fraction=metrics.coverage_fraction,
        finds_standing=metrics.finds_standing,
        finds_lying=metrics.finds_lying,
        least_overlap=metrics.least_overlap,
        gsd_m=metrics.max_gsd_m,
        person_px=min(
            object_height_px(craft.camera, request.agl_m, PERSON_M) for craft in request.aircraft
        ),
        energy_fraction=max((s.energy_fraction for s in plan.sorties), default=0.0),
        flyable=plan.flyable,
        failed=[check for check in plan.checks if not check.passed],
    )
