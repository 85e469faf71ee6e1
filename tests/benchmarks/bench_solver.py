"""A general routing solver beside our direct method, on the same lanes over flat ground.

OR-tools is no dependency: `uv pip install ortools` into the environment, else this is skipped.
Every lane is two optional places, one for each direction, of which one must be visited; the solver
minimises the longest route (global span) by guided local search.
"""

import importlib
import importlib.util
import math
import time
from collections.abc import Iterator
from typing import Any

from mission_plans.allocation.ground_speed import LaneCost
from mission_plans.allocation.shares import NOTHING, Slot, Ways, allocate
from mission_plans.allocation.situation import Situation
from mission_plans.coverage.lanes import Lane
from mission_plans.coverage.routing import Router
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.search.tries import proposals_for
from tests.benchmarks.bench_areas import AREAS, request_of
from tests.benchmarks.rivals import flown_s

CASES = ("a13", "a14", "a16")
LIMITS_S = (1, 5, 20)
SPEED_MS = 8.0
TENTHS = 10
ENDLESS_S = 1e9
UNREACHABLE = 10**9


def rows() -> Iterator[tuple[str, float, str, str]]:
    """Yield the longest route by both ways."""
    if importlib.util.find_spec("ortools") is None:
        yield "routing solver: skipped, ortools is not installed", math.nan, "-", "-"
        return
    for name in CASES:
        request, _ = request_of(AREAS / f"{name}.geojson")
        situation = Situation.of(request, demo_terrain())
        lanes = next(proposals_for(situation)).lanes
        launch, fleet = situation.launches[0], len(request.aircraft)
        slots = [
            Slot(i, 0, launch, situation.models[i], ENDLESS_S, ENDLESS_S, NOTHING, ENDLESS_S)
            for i in range(fleet)
        ]
        began_s = time.perf_counter()
        shared = allocate(lanes, slots, Ways(Router(None)), LaneCost())
        took_ms = (time.perf_counter() - began_s) * 1000
        ours = max(flown_s(share, launch, SPEED_MS) for share in shared.lanes)
        case = f"{name}, {len(lanes)} lanes, {fleet} aircraft"
        yield f"{case}: direct method", ours, f"s in {took_ms:.0f} ms", "-"
        for limit_s in LIMITS_S:
            longest = _solved(lanes, launch, fleet, limit_s)
            yield f"{case}: OR-tools in {limit_s} s", longest, "s", "-"


def _solved(
    lanes: tuple[Lane, ...], launch: tuple[float, float], fleet: int, limit_s: int
) -> float:
    solver: Any = importlib.import_module("ortools.constraint_solver.pywrapcp")
    enums: Any = importlib.import_module("ortools.constraint_solver.routing_enums_pb2")
    both = [*lanes, *(lane.reversed for lane in lanes)]
    starts = [launch, *(lane.start for lane in both)]
    ends = [launch, *(lane.end for lane in both)]
    lengths = [0.0, *(lane.length_m for lane in both)]
    cost = [
        [
            int(TENTHS * ((math.dist(a, b) + length) / SPEED_MS + (3 if i and j else 0)))
            for j, (b, length) in enumerate(zip(starts, lengths, strict=True))
        ]
        for i, a in enumerate(ends)
    ]
    manager = solver.RoutingIndexManager(len(cost), fleet, 0)
    routing = solver.RoutingModel(manager)
    arc = routing.RegisterTransitCallback(
        lambda i, j: cost[manager.IndexToNode(i)][manager.IndexToNode(j)]
    )
    routing.SetArcCostEvaluatorOfAllVehicles(arc)
    routing.AddDimension(arc, 0, 10**8, True, "time")
    timed = routing.GetDimensionOrDie("time")
    timed.SetGlobalSpanCostCoefficient(100)
    for k in range(len(lanes)):
        pair = [manager.NodeToIndex(1 + k), manager.NodeToIndex(1 + len(lanes) + k)]
        routing.AddDisjunction(pair, UNREACHABLE, 1)
    asked = solver.DefaultRoutingSearchParameters()
    asked.first_solution_strategy = enums.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    asked.local_search_metaheuristic = enums.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    asked.time_limit.FromSeconds(limit_s)
    found = routing.SolveWithParameters(asked)
    if not found:
        return math.nan
    return max(found.Value(timed.CumulVar(routing.End(k))) for k in range(fleet)) / TENTHS
