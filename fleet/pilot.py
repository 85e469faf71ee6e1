"""Carries out orders on one aircraft: upload, start, hold, go on, come home, land.

Every step of a sortie is checked by the guards, taken in the sortie's table of states, recorded as
an event, and confirmed from the aircraft's own telemetry. A stop (hold, come home, land) is final:
it cancels whatever upload, start or waiting take-off there is, and what was ordered before it is
refused when it comes after it.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from field_api.contract.messages import (
    Command,
    FlightPhase,
    FlyTo,
    FollowPlace,
    FollowTo,
    LandVehicle,
    LinkState,
    LookAgain,
    PauseVehicle,
    ResumeVehicle,
    RetaskSortie,
    ReturnVehicle,
    SortieState,
    StartSortie,
    UploadSortie,
    VehicleState,
)
from fleet.controls import Controls
from fleet.guided_flight import GuidedFlight
from fleet.retasking import retask
from fleet.sortie import Sortie, observe
from fleet.starting import start
from fleet.uploading import upload
from fleet.vehicle import RefusedError
from fleet.waiting_to_land import come_down, wait_to_land
from mission_plans.ground.geodesy import distance_m
from mission_plans.values.plan import GeoPoint

__all__ = ["Pilot"]

T = TypeVar("T")
LANDED_HOME_M = 50.0
"""Further away it has not come home."""


def _stopped() -> RefusedError:
    return RefusedError("stopped", "已被停止指令取消 / cancelled by a stop given meanwhile")


class Pilot:
    """One aircraft's orders and its sortie."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self._vehicle = controls.vehicle
        self._state = controls.state
        self._book = controls.book
        self._lock = asyncio.Lock()
        self._works: set[asyncio.Task[Any]] = set()
        """What is under way or waits for its turn or its time; a stop ends all of it."""
        self._guided = GuidedFlight(controls)
        self._start_ordered = False
        self._landing = False
        """Somebody ordered it to land where it is."""
        self._recover()

    @property
    def sortie(self) -> Sortie | None:
        """What it flies, or flew last."""
        return self._book.sortie

    def _recover(self) -> None:
        """Go on after a restart: nothing takes off of what was under way when the node died."""
        sortie = self.sortie
        if sortie is None:
            return
        if sortie.state not in (SortieState.RETURNED, SortieState.UPLOADING):
            self._vehicle.mission_count = sortie.item_count or None
            self._vehicle.fence_confirmed = sortie.fence is not None
        if sortie.state is SortieState.UPLOADING:
            text = "上传时节点重启 / node restarted in upload"
            self._book.step(SortieState.FAILED, self._book.node_id, text)

    async def carry_out(self, command: Command) -> str:
        """Do what the command says; return what else is worth saying, in both languages.

        Raises:
            RefusedError: a guard or the aircraft refused; the sortie's state says what holds now.
        """
        body, author = command.body, command.author
        match body:
            case UploadSortie():
                return await self._work(command, upload(self._controls, body, author))
            case StartSortie():
                return await self._start_once(command, body)
            case PauseVehicle():
                return await self._stop(command, "BRAKE", SortieState.PAUSED)
            case ReturnVehicle():
                return await self._stop(command, "RTL", SortieState.RETURNING)
            case LandVehicle():
                self._landing = True
                text = "就地降落 / landing in place"
                return await self._stop(command, "LAND", SortieState.RETURNING, text)
            case ResumeVehicle():
                self._refuse_if_not_flying()
                return await self._work(command, self._resume(author))

            case FlyTo():
                return await self._work(command, self._guided.fly_to(body, author))
            case LookAgain():
                return await self._work(command, self._guided.look_again(body, author))
            case FollowPlace():
                return await self._work(command, self._guided.follow(body, author))
            case RetaskSortie():
                return await self._work(command, self._retask(body, author))
            case _:
                raise RefusedError("not_flying", "不是飞行指令 / no flight order")

    def wish(self, wish: FollowTo, now_ms: int) -> None:
        """Take where the handheld is that it follows."""
        self._guided.wish(wish, now_ms)

    async def wait_to_land(self, for_id: str) -> None:
        """Hold it on its way home until another has landed; any stop ends that.

        Raises:
            RefusedError: it comes home no more, or did not stop.
        """
        if self.sortie is None or self.sortie.state is not SortieState.RETURNING or self._works:
            raise RefusedError("not_returning", "不在返航途中 / it is not on its way home")
        await self._own(wait_to_land(self._controls, for_id))

    async def come_down(self) -> None:
        """Let it go on home after that.

        Raises:
            RefusedError: nothing held it any more, or it did not obey.
        """
        if self.sortie is None or not self.sortie.waits_to_land or self._works:
            raise RefusedError("not_waiting", "没有在等候降落 / it does not wait to land")
        await self._own(come_down(self._controls))

    def watch(self) -> None:
        """Follow what the aircraft does by itself: end of mission, failsafe, landing."""
        if self.sortie is None or self._works:
            return
        state = self._state()
        if state.mode != "GUIDED" and state.link is LinkState.LIVE:
            self._book.waits_no_more()
        seen = observe(self.sortie, state)
        if seen is SortieState.RETURNED and (away := self._landed_away(state)):
            self._book.step(SortieState.FAILED, self._book.node_id, away)
        elif seen is not None:
            # In AUTO it does what was planned; another mode says what made it turn back.
            self._book.step(seen, self._book.node_id, "" if state.mode == "AUTO" else state.mode)

    def _landed_away(self, state: VehicleState) -> str:
        """Return where it landed, empty where it was to land."""
        if self.sortie is None or self._landing or state.lat_deg is None or state.lon_deg is None:
            return ""
        here = GeoPoint(lat_deg=state.lat_deg, lon_deg=state.lon_deg)
        fence = self.sortie.fence
        homes = [self.sortie.plan.launch, *(fence.homes if fence else ())]
        away = min(distance_m(here, home) for home in homes)
        if away <= LANDED_HOME_M:
            return ""
        return f"降落在距起飞点 {away:.0f} 米处 / landed {away:.0f} m from the launch point"

    async def _start_once(self, command: Command, body: StartSortie) -> str:
        if self._start_ordered:
            raise RefusedError("start_ordered", "已在等待起飞 / its take-off is ordered already")
        self._start_ordered = True
        try:
            steps = self._begin(body, command)
            return await self._work(command, steps)
        finally:
            self._start_ordered = False

    async def _begin(self, body: StartSortie, command: Command) -> str:
        said = await start(self._controls, body, command.author, command.expires_ms)
        self._landing = False
        return said

    # --- one thing at a time ----------------------------------------------------------------

    async def _work(self, command: Command, steps: Coroutine[None, None, str]) -> str:
        """Do an upload or a start; a stop ends it.

        Raises:
            RefusedError: `stopped`, by an order given after this one.
        """
        try:
            self._refuse_if_stopped(command)
        except RefusedError:
            steps.close()
            raise
        return await self._own(self._in_turn(steps))

    async def _own(self, steps: Coroutine[None, None, T]) -> T:
        work = asyncio.create_task(steps)
        self._works.add(work)
        try:
            return await work
        except asyncio.CancelledError:
            ending = asyncio.current_task()
            if ending is not None and ending.cancelling():
                raise
            raise _stopped() from None
        finally:
            self._works.discard(work)

    async def _in_turn(self, steps: Coroutine[None, None, str]) -> str:
        try:
            async with self._lock:
                return await steps
        finally:
            steps.close()

    def _refuse_if_stopped(self, command: Command) -> None:
        if command.issued_ms <= self._book.stopped_ms:
            raise _stopped()

    async def _stop(self, command: Command, mode: str, state: SortieState, text: str = "") -> str:
        """Stop what is under way, then change the mode; on the ground the motors stop.

        Raises:
            RefusedError: the aircraft did not obey; whatever was under way is stopped all the same.
        """
        self._book.stop(command.issued_ms)
        works = list(self._works)
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)
        await self._guided.end()
        self._vehicle.forget_orders()
        before = self.sortie.state if self.sortie else None
        try:
            await self._vehicle.set_mode(mode)
        finally:
            now = self._state()
            grounded = now.phase in (FlightPhase.GROUND, FlightPhase.UNKNOWN)
            if before is SortieState.UPLOADING or (
                before is SortieState.STARTING and not now.armed
            ):
                self._book.step(SortieState.FAILED, command.author, "已停止 / stopped")
        if before is SortieState.STARTING and now.armed and grounded:
            # It never left the ground: it shall not stand there with its motors running.
            await self._vehicle.disarm()
            self._book.step(
                SortieState.FAILED, command.author, "起飞前停止 / stopped before take-off"
            )
            return ""
        self._book.step(state, command.author, text)
        return ""

    async def _retask(self, body: RetaskSortie, author: str) -> str:
        await self._guided.end()
        return await retask(self._controls, body, author)

    def _refuse_if_not_flying(self) -> None:
        state = self._state()
        if not state.armed or self.sortie is None:
            raise RefusedError("not_flying", "there is no flight to go on with")
        if state.mission_count is None:
            raise RefusedError("no_mission", "no confirmed mission on board")

    async def _resume(self, author: str) -> str:
        self._refuse_if_not_flying()
        await self._guided.end()
        await self._vehicle.set_mode("AUTO")
        self._book.waits_no_more()
        self._book.step(SortieState.FLYING, author)
        return ""
