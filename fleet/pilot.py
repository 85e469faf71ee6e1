"""Carries out orders on one aircraft: upload, start, hold, go on, come home, land.

Every step of a sortie is checked by the guards, taken in the sortie's table of states, recorded as
an event, and confirmed from the aircraft's own telemetry. A stop (hold, come home, land) is final:
it cancels whatever upload, start or waiting take-off there is, and what was ordered before it is
refused when it comes after it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine

import structlog

from field_api.contract.ids import new_id
from field_api.contract.messages import (
    Command,
    ConfirmIdentity,
    FlightPhase,
    LandVehicle,
    PauseVehicle,
    ResumeVehicle,
    ReturnVehicle,
    SortieEvent,
    SortieState,
    StartSortie,
    TakePhoto,
    UploadSortie,
    VehicleState,
)
from fleet.departures import Departures, WindowError
from fleet.fence_on_board import confirm_fence, put_fence
from fleet.fencing import FenceError, sortie_fence, standing_outside
from fleet.guards import Finding, before_start, before_upload, return_altitude_m
from fleet.sortie import FOLLOWING, Sortie, observe
from fleet.store import SortieStore
from fleet.vehicle import RefusedError, Vehicle
from mission_plans.geodesy import distance_m
from mission_plans.mission_items import mission_items
from mission_plans.plan import GeoPoint, SortiePlan
from mission_plans.terrain import NoTerrainError, Terrain

__all__ = ["GuardedError", "Pilot"]

log = structlog.get_logger(__name__)

AIRBORNE_M = 1.5
TAKEOFF_S = 25.0
LANDED_HOME_M = 50.0
"""Further away it has not come home."""


class GuardedError(RefusedError):
    """A guard said no, so nothing was sent to the aircraft."""

    def __init__(self, findings: list[Finding]) -> None:
        zh = ";".join(f.text_zh for f in findings)
        en = "; ".join(f"{f.text_en} [{f.source}]" for f in findings)
        super().__init__("check_failed", f"{zh} / {en}")
        self.findings = findings


def _stopped() -> RefusedError:
    return RefusedError("stopped", "已被停止指令取消 / cancelled by a stop given meanwhile")


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
        departures: Departures,
        point_camera: Callable[[float], Awaitable[None]],
    ) -> None:
        self._vehicle = vehicle
        self._state = state
        self._terrain = terrain
        self._store = store
        self._record = record
        self._now_ms = now_ms
        self._node_id = node_id
        self._departures = departures
        self._point = point_camera
        self._lock = asyncio.Lock()
        self._works: set[asyncio.Task[str]] = set()
        """Uploads and starts that are under way or wait for their turn or their time."""
        self._start_ordered = False
        self._landing = False
        """Somebody ordered it to land where it is."""
        self.sortie = store.load(vehicle.vehicle_id)
        self._stopped_ms = self.sortie.stopped_ms if self.sortie else 0
        self._recover()

    def _recover(self) -> None:
        """Go on after a restart: nothing takes off of what was under way when the node died."""
        sortie = self.sortie
        if sortie is None:
            return
        if sortie.state not in (SortieState.RETURNED, SortieState.UPLOADING):
            self._vehicle.mission_count = sortie.item_count or None
            self._vehicle.fence_confirmed = sortie.fence is not None
        if sortie.state is SortieState.UPLOADING:
            self._step(
                SortieState.FAILED, self._node_id, "上传时节点重启 / node restarted in upload"
            )

    async def carry_out(self, command: Command) -> str:
        """Do what the command says; return what else is worth saying, in both languages.

        Raises:
            RefusedError: a guard or the aircraft refused; the sortie's state says what holds now.
        """
        body, author = command.body, command.author
        match body:
            case UploadSortie():
                return await self._work(command, self._upload(body, author))
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
                self._refuse_if_stopped(command)
                return await self._resume(author)
            case TakePhoto():
                raise RefusedError("not_flying", "拍照不是飞行指令 / a picture is no flight order")
            case ConfirmIdentity():
                return ""  # Nothing is flown: the node itself has seen to it.
            case _:
                raise RefusedError("not_flying", "不是飞行指令 / no flight order")

    def watch(self) -> None:
        """Follow what the aircraft does by itself: end of mission, failsafe, landing."""
        if self.sortie is None or self._works:
            return
        state = self._state()
        seen = observe(self.sortie, state)
        if seen is SortieState.RETURNED and (away := self._landed_away(state)):
            self._step(SortieState.FAILED, self._node_id, away)
        elif seen is not None:
            # In AUTO it does what was planned; another mode says what made it turn back.
            self._step(seen, self._node_id, "" if state.mode == "AUTO" else state.mode)

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
            steps = self._start(body, command.author, command.expires_ms)
            return await self._work(command, steps)
        finally:
            self._start_ordered = False

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
        work = asyncio.create_task(self._in_turn(steps))
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
        if command.issued_ms <= self._stopped_ms:
            raise _stopped()

    async def _stop(self, command: Command, mode: str, state: SortieState, text: str = "") -> str:
        """Stop what is under way, then change the mode; on the ground the motors stop.

        Raises:
            RefusedError: the aircraft did not obey; whatever was under way is stopped all the same.
        """
        self._stopped_ms = max(self._stopped_ms, command.issued_ms)
        if self.sortie is not None:
            self.sortie = self.sortie.stopped(self._stopped_ms)
            self._keep()
        works = list(self._works)
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)
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
                self._step(SortieState.FAILED, command.author, "已停止 / stopped")
        if before is SortieState.STARTING and now.armed and grounded:
            # It never left the ground: it shall not stand there with its motors running.
            await self._vehicle.disarm()
            self._step(SortieState.FAILED, command.author, "起飞前停止 / stopped before take-off")
            return ""
        self._step(state, command.author, text)
        return ""

    # --- upload and start -------------------------------------------------------------------

    async def _upload(self, body: UploadSortie, author: str) -> str:
        findings = before_upload(self._state(), body.sortie, body.checks)
        if findings:
            raise GuardedError(findings)
        items = mission_items(body.sortie)
        self._refuse_without_disk(body.sortie)
        # Whatever is on board belongs to the sortie before.
        self._vehicle.fence_confirmed = False
        self.sortie = Sortie(
            body.sortie, author, item_count=len(items), stopped_ms=self._stopped_ms
        )
        self._save(author)
        self._step(SortieState.UPLOADING, author)
        try:
            altitude_m = max(
                return_altitude_m(body.sortie.model_copy(update={"launch": home}), self._terrain)
                for home in (body.sortie.launch, *(rally.place for rally in body.rally))
            )
            fence = sortie_fence(body, self._terrain, altitude_m, self._state())
            autopilot = self._vehicle.autopilot
            for name, value in autopilot.failsafe_parameters(altitude_m).items():
                await self._vehicle.set_parameter(name, value)
            await self._vehicle.upload_mission(items)
            await put_fence(self._vehicle, fence)
            self.sortie = self.sortie.fenced(fence)
        except (RefusedError, NoTerrainError, ValueError) as error:
            self._step(SortieState.FAILED, author, str(error))
            if isinstance(error, RefusedError):
                raise
            code = "fence" if isinstance(error, FenceError) else "return_altitude"
            raise RefusedError(code, str(error)) from error
        text = (
            f"{len(items)} 项与围栏回读一致,返航高 {altitude_m:.0f} 米,"
            f"限高 {fence.ceiling_m:.0f} 米 / "
            f"{len(items)} items and the fence read back, return altitude {altitude_m:.0f} m, "
            f"height limit {fence.ceiling_m:.0f} m"
        )
        self._step(SortieState.UPLOADED, author, text)
        return text

    async def _start(self, body: StartSortie, author: str, expires_ms: int) -> str:
        sortie = self._uploaded(body)
        not_after_ms = body.not_after_ms if body.not_after_ms is not None else expires_ms
        try:
            await self._departures.take_turn(
                self._vehicle.vehicle_id, body.not_before_ms, not_after_ms, body.gap_s
            )
        except WindowError as error:
            raise RefusedError("too_late", f"起飞时限已过 / {error}") from error
        # Last of all that takes time: another program may have put its own mission on board.
        await self._vehicle.confirm_mission(mission_items(sortie.plan))
        await confirm_fence(self._vehicle, sortie.fence)
        findings = before_start(self._state(), sortie.plan, sortie.item_count)
        findings += standing_outside(sortie.fence, self._state())
        if findings:
            raise GuardedError(findings)
        if self._departures.late_by_ms(not_after_ms):
            raise RefusedError("too_late", "起飞时限已过 / the take-off's window has passed")
        self._landing = False
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

    def _uploaded(self, body: StartSortie) -> Sortie:
        sortie = self.sortie
        if sortie is None or sortie.plan.id != body.sortie_id:
            held = sortie.plan.id if sortie else "none"
            raise RefusedError("unknown_sortie", f"{body.sortie_id} is not on board (held: {held})")
        if sortie.state is not SortieState.UPLOADED:
            raise RefusedError(
                "not_uploaded", f"sortie is {sortie.state}; a start needs it uploaded"
            )
        return sortie

    async def _point_camera(self, pitch_deg: float) -> str:
        # A camera that looks elsewhere spoils the search but not the flight: it is said, not fatal.
        try:
            await self._point(pitch_deg)
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
        if state not in FOLLOWING[sortie.state]:
            log.info("step not taken", sortie=sortie.plan.id, state=sortie.state, to=state)
            return
        self.sortie = sortie.to(state)
        self._save(author, text)

    def _refuse_without_disk(self, plan: SortiePlan) -> None:
        """Begin no flight that a restarted node would know nothing of.

        Raises:
            RefusedError: `disk`.
        """
        try:
            self._store.save(Sortie(plan, self._node_id, stopped_ms=self._stopped_ms))
        except OSError as error:
            text = f"节点磁盘不可写,不能开始新架次 / the node's disk can't be written: {error}"
            raise RefusedError("disk", text) from error

    def _keep(self) -> None:
        """Write the sortie down; a full disk must not get in the way of a stop or of a flight."""
        if self.sortie is None:
            return
        try:
            self._store.save(self.sortie)
        except OSError as error:
            log.error("sortie not written", vehicle_id=self._vehicle.vehicle_id, error=str(error))

    def _save(self, author: str, text: str = "") -> None:
        sortie = self.sortie
        if sortie is None:
            return
        self._keep()
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
