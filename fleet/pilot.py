"""Carries out orders on one aircraft: upload, start, hold, go on, come home, land.

Every step of a sortie is checked by the guards, taken in the sortie's table of states, recorded as
an event, and confirmed from the aircraft's own telemetry.
"""

import asyncio
from collections.abc import Callable

from field_api.contract.ids import new_id
from field_api.contract.messages import (
    Command,
    LandVehicle,
    PauseVehicle,
    ResumeVehicle,
    ReturnVehicle,
    SortieEvent,
    SortieState,
    StartSortie,
    UploadSortie,
    VehicleState,
)
from fleet.autopilots.ardupilot import failsafe_parameters
from fleet.guards import Finding, before_start, before_upload, return_altitude_m
from fleet.sortie import Sortie, observe
from fleet.store import SortieStore
from fleet.vehicle import RefusedError, Vehicle
from mission_plans.mission_items import mission_items
from mission_plans.terrain import NoTerrainError, Terrain

__all__ = ["GuardedError", "Pilot"]

AIRBORNE_M = 1.5
TAKEOFF_S = 25.0


class GuardedError(RefusedError):
    """A guard said no, so nothing was sent to the aircraft."""

    def __init__(self, findings: list[Finding]) -> None:
        text = "; ".join(f"{f.id}: {f.text_zh} / {f.text_en} [{f.source}]" for f in findings)
        super().__init__("check_failed", text)
        self.findings = findings


class Pilot:
    """One aircraft's orders and its sortie."""

    def __init__(
        self,
        vehicle: Vehicle,
        state: Callable[[], VehicleState],
        terrain: Terrain,
        store: SortieStore,
        record: Callable[[SortieEvent], object],
        now_ms: Callable[[], int],
        node_id: str,
    ) -> None:
        self._vehicle = vehicle
        self._state = state
        self._terrain = terrain
        self._store = store
        self._record = record
        self._now_ms = now_ms
        self._node_id = node_id
        self._lock = asyncio.Lock()
        self.sortie = store.load(vehicle.vehicle_id)
        if self.sortie is not None and self.sortie.state is not SortieState.RETURNED:
            vehicle.mission_count = self.sortie.item_count or None

    async def carry_out(self, command: Command) -> str:
        """Do what the command says; return what else is worth saying, in both languages.

        Raises:
            RefusedError: a guard or the aircraft refused; the sortie's state says what holds now.
        """
        body = command.body
        match body:
            case UploadSortie():
                async with self._lock:
                    return await self._upload(body, command.author)
            case StartSortie():
                async with self._lock:
                    return await self._start(body, command.author)
            # The next four must work at any time, also while an upload or a start goes wrong.
            case PauseVehicle():
                await self._vehicle.set_mode("BRAKE")
                self._step(SortieState.PAUSED, command.author)
                return ""
            case ResumeVehicle():
                return await self._resume(command.author)
            case ReturnVehicle():
                await self._vehicle.set_mode("RTL")
                self._step(SortieState.RETURNING, command.author)
                return ""
            case LandVehicle():
                await self._vehicle.set_mode("LAND")
                self._step(SortieState.RETURNING, command.author, "就地降落 / landing in place")
                return ""

    def watch(self) -> None:
        """Follow what the aircraft does by itself: end of mission, failsafe, landing."""
        if self.sortie is None or self._lock.locked():
            return
        seen = observe(self.sortie, self._state())
        if seen is not None:
            self._step(seen, self._node_id, self._state().mode)

    async def _upload(self, body: UploadSortie, author: str) -> str:
        findings = before_upload(self._state(), body.sortie, body.checks)
        if findings:
            raise GuardedError(findings)
        items = mission_items(body.sortie)
        self.sortie = Sortie(body.sortie, author, item_count=len(items))
        self._save(author)
        self._step(SortieState.UPLOADING, author)
        try:
            altitude_m = return_altitude_m(body.sortie, self._terrain)
            for name, value in failsafe_parameters(altitude_m).items():
                await self._vehicle.set_parameter(name, value)
            await self._vehicle.upload_mission(items)
        except (RefusedError, NoTerrainError, ValueError) as error:
            self._step(SortieState.FAILED, author, str(error))
            if isinstance(error, RefusedError):
                raise
            raise RefusedError("return_altitude", str(error)) from error
        text = (
            f"{len(items)} 项回读一致,返航高 {altitude_m:.0f} 米 / "
            f"{len(items)} items read back, return altitude {altitude_m:.0f} m"
        )
        self._step(SortieState.UPLOADED, author, text)
        return text

    async def _start(self, body: StartSortie, author: str) -> str:
        sortie = self.sortie
        if sortie is None or sortie.plan.id != body.sortie_id:
            held = sortie.plan.id if sortie else "none"
            raise RefusedError("unknown_sortie", f"{body.sortie_id} is not on board (held: {held})")
        if sortie.state is not SortieState.UPLOADED:
            raise RefusedError(
                "not_uploaded", f"sortie is {sortie.state}; a start needs it uploaded"
            )
        findings = before_start(self._state(), sortie.plan, sortie.item_count)
        if findings:
            raise GuardedError(findings)
        self._step(SortieState.STARTING, author)
        vehicle = self._vehicle
        camera = await self._point_camera(sortie.plan.camera_pitch_deg)
        try:
            await vehicle.set_mode("GUIDED")
            await vehicle.arm()
            await vehicle.set_mode("AUTO")
            await vehicle.start_mission()
            await vehicle.wait_for(
                lambda t: (t.altitude_relative_m or 0.0) > AIRBORNE_M, TAKEOFF_S, "take-off"
            )
        except RefusedError as error:
            # Not armed: nothing happened and the pilot may try again. Armed: someone must look.
            kept = SortieState.FAILED if vehicle.telemetry.armed else SortieState.UPLOADED
            self._step(kept, author, error.text)
            raise
        self._step(SortieState.FLYING, author, camera)
        return camera

    async def _point_camera(self, pitch_deg: float) -> str:
        # A camera that looks elsewhere spoils the search but not the flight: it is said, not fatal.
        try:
            await self._vehicle.point_camera(pitch_deg)
        except RefusedError as error:
            return f"相机未就位 / camera not pointed: {error.text}"
        return ""

    async def _resume(self, author: str) -> str:
        state = self._state()
        if not state.armed or self.sortie is None:
            raise RefusedError("not_flying", "there is no flight to go on with")
        if state.mission_count is None:
            raise RefusedError("no_mission", "no confirmed mission on board")
        await self._vehicle.set_mode("AUTO")
        self._step(SortieState.FLYING, author)
        return ""

    def _step(self, state: SortieState, author: str, text: str = "") -> None:
        sortie = self.sortie
        if sortie is None or sortie.state is state:
            return
        # Orders such as RTL work in any state; the sortie follows where its table allows it.
        if sortie.state in (SortieState.RETURNED, SortieState.FAILED) and (
            state is not SortieState.UPLOADING
        ):
            return
        self.sortie = sortie.to(state)
        self._save(author, text)

    def _save(self, author: str, text: str = "") -> None:
        sortie = self.sortie
        if sortie is None:
            return
        self._store.save(sortie)
        self._record(
            SortieEvent(
                id=new_id(),
                t_ms=self._now_ms(),
                sortie_id=sortie.plan.id,
                vehicle_id=sortie.plan.vehicle_id,
                state=sortie.state,
                author=author,
                text=text,
            )
        )
