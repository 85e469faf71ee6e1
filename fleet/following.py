"""Following a handheld: every place that the command post tells is checked, then flown to.

The target moves only with fresh, believable places; where they stop, jump, or lead where the
aircraft must not go, it hovers at the last place that was checked, and that is told.
"""

import asyncio
import time

from field_api.contract.messages import AimPlace, CameraAim, FollowPlace, FollowTo
from fleet.controls import Controls, GuardedError
from fleet.guided import Leg, place_leg
from mission_plans.ground.geodesy import destination, distance_m
from mission_plans.values.plan import GeoPoint

__all__ = ["Following", "follow_leg", "leap"]

SILENT_S = 10.0
FASTEST_MS = 40.0
"""Nobody with a handheld moves faster; what does is an error of its position."""
LEAP_M = 20.0
"""Which a position may be wrong by without that."""
OLD_MS = 10_000
REPEAT_S = 1.0
"""The target is said again this often: nothing acknowledges it."""


def leap(before: GeoPoint, before_ms: int, now: GeoPoint, now_ms: int) -> bool:
    """Whether two places of a handheld lie farther apart than anybody can have moved."""
    apart_s = max(0.0, (now_ms - before_ms) / 1000)
    return distance_m(before, now) > LEAP_M + FASTEST_MS * apart_s


def follow_leg(controls: Controls, body: FollowPlace, place: GeoPoint) -> Leg:
    """Check the way to where it flies while the handheld is at a place; nothing is sent.

    Raises:
        GuardedError: why not.
    """
    at = destination(place, body.bearing_deg, body.offset_m) if body.offset_m > 0 else place
    return place_leg(controls, at, body.height_agl_m)


class Following:
    """One handheld that is followed by one aircraft."""

    def __init__(self, controls: Controls, body: FollowPlace, leg: Leg) -> None:
        self._controls = controls
        self._body = body
        self._leg = leg
        self._place, self._seen_ms = body.place, body.seen_ms
        self._heard_s = time.monotonic()
        self._newest: FollowTo | None = None
        self._news = asyncio.Event()

    def wish(self, wish: FollowTo, now_ms: int) -> None:
        """Take where the handheld is now; what is of another one, or old, is not followed."""
        fresh = now_ms - wish.t_ms <= OLD_MS and wish.seen_ms > self._seen_ms
        if wish.terminal_id == self._body.terminal_id and fresh:
            self._newest = wish
            self._news.set()

    async def run(self) -> None:
        """Follow until it can't be followed any more, or somebody else took over."""
        vehicle = self._controls.vehicle
        self._aim(self._place)
        while vehicle.telemetry.mode == "GUIDED":
            try:
                async with asyncio.timeout(REPEAT_S):
                    await self._news.wait()
            except TimeoutError:
                if time.monotonic() - self._heard_s > SILENT_S:
                    zh = f"{self._body.terminal_id} 10 秒没有新位置"
                    en = f"no new place of {self._body.terminal_id} for 10 s"
                    return self._hover("follow_lost", zh, en)
            self._news.clear()
            wish, self._newest = self._newest, None
            if wish is not None and (why := self._step(wish)) is not None:
                return self._hover("follow_stopped", *why)
            vehicle.guide(self._leg.target)
        return None

    def _step(self, wish: FollowTo) -> tuple[str, str] | None:
        """Move the target; return why not."""
        if leap(self._place, self._seen_ms, wish.place, wish.seen_ms):
            apart_m = distance_m(self._place, wish.place)
            return (
                f"{wish.terminal_id} 位置突跳 {apart_m:.0f} 米",
                f"the place of {wish.terminal_id} leapt by {apart_m:.0f} m",
            )
        try:
            self._leg = follow_leg(self._controls, self._body, wish.place)
        except GuardedError as error:
            zh = ";".join(f.text_zh for f in error.findings)
            en = "; ".join(f.text_en for f in error.findings)
            return zh, en
        self._place, self._seen_ms = wish.place, wish.seen_ms
        self._heard_s = time.monotonic()
        self._aim(wish.place)
        return None

    def _hover(self, code: str, zh: str, en: str) -> None:
        # Where it was going is checked; where it is now it may be flying past something.
        self._controls.vehicle.guide(self._leg.target)
        zh, en = f"不再跟随,悬停:{zh}", f"it follows no more and hovers: {en}"
        self._controls.tell("caution", code, zh, en, "O8")

    def _aim(self, place: GeoPoint) -> None:
        controls = self._controls
        now_ms = controls.now_ms()
        aim = CameraAim(
            vehicle_id=controls.vehicle.vehicle_id, t_ms=now_ms, target=AimPlace(place=place)
        )
        controls.camera.wish(aim, now_ms)
