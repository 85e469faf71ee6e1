"""What an aircraft does in GUIDED after it was sent somewhere: arrive, stay or look, go on."""

import asyncio
import time
from collections.abc import Coroutine

from field_api.contract.messages import (
    AimMission,
    AimPlace,
    CameraAim,
    FlyTo,
    FollowPlace,
    FollowTo,
    LookAgain,
    SortieState,
)
from fleet.controls import Controls
from fleet.following import Following, follow_leg
from fleet.guided import Leg, arrive, begin, fly_to_leg, look_legs, round_and_round, stay
from fleet.vehicle import RefusedError

__all__ = ["GuidedFlight"]


class GuidedFlight:
    """The part of a flight that follows places instead of the mission. Any other order ends it."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self._task: asyncio.Task[None] | None = None
        self._following: Following | None = None
        self._goes_on = False
        """It flew its mission before it was asked to look, and goes on with it afterwards."""

    async def end(self) -> None:
        """Follow nothing any more; the aircraft hovers, or does what it is ordered next."""
        task, self._task = self._task, None
        self._following = None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def fly_to(self, body: FlyTo, author: str) -> str:
        """Send it to a place, where it hovers; return at which height.

        Raises:
            RefusedError: it must not, or does not go.
        """
        leg = fly_to_leg(self._controls, body)
        await self._send(leg, author, f"飞往指定点,{leg.zh} / flies to a place, {leg.en}")
        self._goes_on = False
        self._follow(self._stay(leg, body))
        return f"{leg.zh} / {leg.en}"

    async def follow(self, body: FollowPlace, author: str) -> str:
        """Send it to where a handheld is, and on as that moves; return at which height.

        Raises:
            RefusedError: it must not, or does not go.
        """
        leg = follow_leg(self._controls, body, body.place)
        name = body.terminal_id
        await self._send(leg, author, f"跟随 {name},{leg.zh} / follows {name}, {leg.en}")
        self._goes_on = False
        self._following = Following(self._controls, body, leg)
        self._follow(self._following.run())
        return f"{leg.zh} / {leg.en}"

    def wish(self, wish: FollowTo, now_ms: int) -> None:
        """Take where the handheld that it follows is now; nothing where it follows none."""
        if self._following is not None:
            self._following.wish(wish, now_ms)

    async def look_again(self, body: LookAgain, author: str) -> str:
        """Send it to look at a place, and let it go on afterwards; return at which height.

        Raises:
            RefusedError: it must not, or does not go.
        """
        legs = look_legs(self._controls, body)
        mission = self._controls.vehicle.telemetry.mode == "AUTO"
        looking = self._task is not None and not self._task.done() and self._goes_on
        leg = legs[0]
        await self._send(leg, author, f"再次查看,{leg.zh} / looks again, {leg.en}")
        self._goes_on = mission or looking
        self._follow(self._look(body, legs, author))
        return f"{leg.zh} / {leg.en}"

    async def _send(self, leg: Leg, author: str, text: str) -> None:
        await self.end()
        await begin(self._controls, leg)
        self._controls.book.waits_no_more()
        self._controls.book.step(SortieState.PAUSED, author, text)

    def _follow(self, steps: Coroutine[None, None, None]) -> None:
        self._task = asyncio.create_task(steps)

    async def _stay(self, leg: Leg, body: FlyTo) -> None:
        if await arrive(self._controls, leg):
            if body.watch is not None:
                self._aim(AimPlace(place=body.watch))
            zh, en = f"已到达指定点,悬停于{leg.zh}", f"it has arrived and hovers, {leg.en}"
            self._controls.tell("info", "arrived", zh, en, "O8")

    async def _look(self, body: LookAgain, legs: list[Leg], author: str) -> None:
        controls = self._controls
        if not await arrive(controls, legs[0]):
            return
        self._aim(AimPlace(place=body.place))
        zh, en = f"已到位,开始查看,{legs[0].zh}", f"it is in place and looks, {legs[0].en}"
        controls.tell("info", "look_begun", zh, en, "O8")
        until_s = time.monotonic() + body.duration_s
        if len(legs) > 1:
            still = await round_and_round(controls, legs[1:], until_s)
        else:
            still = await stay(controls, until_s)
        if not still:
            return
        self._aim(AimMission())
        if not self._goes_on:
            controls.tell("info", "look_over", "查看结束,悬停", "it has looked and hovers", "O8")
            return
        try:
            await controls.vehicle.set_mode("AUTO")
        except RefusedError as error:
            zh = f"查看结束,但未能继续任务,悬停:{error.text}"
            en = f"it has looked, could not go on with its mission and hovers: {error.text}"
            controls.tell("caution", "look_over", zh, en, "O8")
            return
        controls.book.step(SortieState.FLYING, author, "查看结束 / has looked")
        zh, en = "查看结束,继续任务", "it has looked and goes on with its mission"
        controls.tell("info", "look_over", zh, en, "O8")

    def _aim(self, target: AimPlace | AimMission) -> None:
        # A camera that looks elsewhere is seen in its own state; the flight goes on.
        controls = self._controls
        now_ms = controls.now_ms()
        aim = CameraAim(vehicle_id=controls.vehicle.vehicle_id, t_ms=now_ms, target=target)
        controls.camera.wish(aim, now_ms)
