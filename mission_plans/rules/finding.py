"""What a search can find: the first figure of a plan, and the setting that would find more."""

from dataclasses import dataclass

from mission_plans.allocation.planned_views import PlannedViews
from mission_plans.probability.sweep_width import (
    POSTURES,
    Posture,
    View,
    best_pitch_deg,
    detection_from,
    least_detection,
    postures_of,
)
from mission_plans.values.plan import SEARCHES, Check, PlanRequest, Severity

__all__ = ["Finding", "check_finding", "finding"]

NOBODY = 0.01
"""A search that finds fewer than this is none."""

FEW = 0.2
"""Below this a search is worth flying only where nothing better can be."""

WORTH_SAYING = 1.2
"""Advice must promise this many times as many finds."""

NAMES: dict[Posture, tuple[str, str]] = {
    "standing": ("站立者", "people standing"),
    "lying": ("倒卧者", "people lying"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Chance that a plan finds a person somewhere in its area, by posture."""

    standing: float
    lying: float

    def of(self, posture: Posture) -> float:
        """Return the chance for one posture."""
        return self.standing if posture == "standing" else self.lying


def finding(planned: PlannedViews, covered: float, request: PlanRequest) -> Finding | None:
    """Return what one pass over the planned frames finds; None where nobody is looked for."""
    if request.pattern.kind not in SEARCHES or request.seek == "smoke" or not planned.sights:
        return None
    frames = sum(len(sight.slant_m) for sight in planned.sights)

    def chance(posture: Posture) -> float:
        found = sum(
            detection_from(
                sight.camera,
                sight.slant_m,
                sight.speed_ms,
                posture=posture,
                light=request.light,
                vegetation=request.vegetation,
            ).sum()
            for sight in planned.sights
        )
        return covered * float(found) / frames

    standing, lying = (chance(posture) for posture in POSTURES)
    return Finding(standing, lying)


def check_finding(found: Finding | None, covered: float, request: PlanRequest) -> list[Check]:
    """Hold a search against what it can find: one that finds nobody is none."""
    if found is None:
        return []
    sought = postures_of(request.seek)
    chances = [found.of(posture) for posture in sought]
    least = min(chances)
    said = [(NAMES[posture], found.of(posture)) for posture in POSTURES]
    zh = "、".join(f"{name[0]} {chance:.0%}" for name, chance in said)
    en = " and ".join(f"{chance:.0%} of {name[1]}" for name, chance in said)
    advice_zh, advice_en = _advice(request, least / covered if covered else 0.0)
    nobody = max(chances) < NOBODY
    return [
        Check(
            id="finding",
            severity=Severity.BLOCK if nobody else Severity.CAUTION,
            passed=least >= FEW,
            text_zh=f"覆盖 {covered:.0%},单次飞越预计发现{zh}" + advice_zh,
            text_en=f"covers {covered:.0%}, one pass finds {en}" + advice_en,
            source="Koopman 1946; O1",
            value=least,
            limit=NOBODY if nobody else FEW,
        )
    ]


def _advice(request: PlanRequest, chance: float) -> tuple[str, str]:
    """Return what would find more people, or why nothing would."""
    camera, speed_ms = request.aircraft[0].camera, request.aircraft[0].cruise_ms
    if request.light == "night" and camera.sensor == "visible":
        return (
            ":夜间可见光相机看不见人,请用热像仪或等到天亮",
            ": by night a visible camera sees nobody; use a thermal one or wait for daylight",
        )
    lowest_m = max(10.0, request.min_clearance_m)
    best: tuple[float, float, float] | None = None
    for agl_m in (request.agl_m, lowest_m):
        view = View(agl_m, speed_ms, request.seek, request.light, request.vegetation)
        pitch = best_pitch_deg(camera, view)
        finds = least_detection(camera.model_copy(update={"pitch_deg": pitch}), view)
        if finds > max(WORTH_SAYING * chance, NOBODY) and (best is None or finds > best[0]):
            best = (finds, pitch, agl_m)
    if chance >= FEW or best is None:
        return "", ""
    finds, pitch, agl_m = best
    return (
        f";云台 {pitch:.0f}°、离地 {agl_m:.0f} 米可达 {finds:.0%}",
        f"; gimbal at {pitch:.0f} deg, {agl_m:.0f} m above ground would find {finds:.0%}",
    )
