"""One aircraft's camera: where it looks, how near, and pictures, as the command post wishes.

Wishes are latest-wins and never stand in the way of an order: they are sent beside the command
protocol, and what came of them is read from what gimbal and camera say of themselves.
"""

import asyncio
import math
import time
from collections.abc import Callable, Sequence

from field_api.contract.messages import AimAngles, AimMission, AimPlace, CameraAim, CameraState
from fleet.mavlink import Message, dialect
from fleet.protocol.camera import CameraProtocol
from fleet.protocol.command import Answer, CommandProtocol, Order
from fleet.protocol.gimbal import NOT_REACHED, GimbalProtocol
from fleet.vehicle import RefusedError
from mission_plans.ground.terrain import NoTerrainError, Terrain

__all__ = ["Camera"]

OLD_MS = 5_000
"""A wish older than this is not followed: the picture it was wished for is gone."""
PHOTO_S = 5.0
LOOK_S = 10.0
NO_FLIGHT = "没有架次,无计划角度 / there is no flight whose angle could be taken"
NO_HOME = "飞机还没有起飞点高度 / the aircraft does not know its home yet"
NO_GROUND = "地形模型之外 / beyond the ground model"


class Camera:
    """Gimbal and camera of one aircraft."""

    def __init__(
        self,
        system: int,
        component: int,
        send: Callable[[Message], None],
        terrain: Terrain,
        planned_pitch_deg: Callable[[], float | None],
        home_amsl_m: Callable[[], float | None],
    ) -> None:
        self._system = system
        self._send = send
        self._terrain = terrain
        self._planned_pitch_deg = planned_pitch_deg
        self._home_amsl_m = home_amsl_m
        self._gimbal = GimbalProtocol(system, component)
        self._camera = CameraProtocol(system)
        self._autopilot = component
        self._shutter: CommandProtocol | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._shooting = asyncio.Lock()
        self._taken = asyncio.Event()
        self._news = asyncio.Event()
        self._problem = ""

    def state(self, now_s: float) -> CameraState | None:
        """Return what is known, None where neither gimbal nor camera has shown itself."""
        gimbal, camera = self._gimbal, self._camera
        has_camera = camera.present(now_s)
        if not gimbal.present(now_s) and not has_camera:
            return None
        pitch_deg, yaw_deg = gimbal.attitude_deg(now_s) or (None, None)
        problem = self._problem or gimbal.problem or camera.problem
        problem_zh, _, problem_en = problem.partition(" / ")
        return CameraState(
            pitch_deg=pitch_deg,
            yaw_deg=yaw_deg,
            place=gimbal.place,
            zoom_percent=camera.zoom_percent if has_camera else None,
            hfov_deg=camera.hfov_deg if has_camera else None,
            zooms=has_camera and camera.zooms,
            photo_count=camera.photo_count if has_camera else None,
            other_station=gimbal.other_station,
            problem_zh=problem_zh,
            problem_en=problem_en,
        )

    # --- called by the node -----------------------------------------------------------------

    def receive(self, message: Message, now_s: float) -> None:
        """Take in a message of any component of this aircraft."""
        before = self._camera.photo_count
        self._gimbal.receive(message, now_s)
        self._camera.receive(message, now_s)
        if message.get_type() == "CAMERA_FEEDBACK" or (
            before is not None and (self._camera.photo_count or 0) > before
        ):
            self._taken.set()
        if self._shutter is not None:
            self._shot(self._shutter.receive(message, now_s))

    def tick(self, now_s: float) -> None:
        """Send what is due."""
        out = self._gimbal.poll(now_s) + self._camera.poll(now_s)
        if self._shutter is not None:
            more, answers = self._shutter.poll(now_s)
            out += more
            self._shot(answers)
        for message in out:
            self._send(message)
        self._news.set()

    def wish(self, aim: CameraAim, now_ms: int) -> None:
        """Follow a wish, unless it is old; what stands against it is told in `state`."""
        if now_ms - aim.t_ms > OLD_MS:
            return
        self._problem = ""
        match aim.target:
            case AimAngles():
                self._gimbal.point(aim.target.pitch_deg, aim.target.yaw_deg)
            case AimPlace():
                self._keep(aim.target)
            case AimMission():
                pitch_deg = self._planned_pitch_deg()
                if pitch_deg is None:
                    self._problem = NO_FLIGHT
                else:
                    self._gimbal.point(pitch_deg, 0.0)
            case None:
                pass
        if aim.zoom_percent is not None:
            self._camera.zoom(aim.zoom_percent)

    async def look(self, pitch_deg: float) -> None:
        """Tilt the camera and see that it got there; 0 is the horizon, -90 straight down.

        Raises:
            RefusedError: there is no gimbal, or it does not obey.
        """
        self._problem = ""
        self._gimbal.point(pitch_deg, 0.0)
        try:
            async with asyncio.timeout(LOOK_S):
                while self._gimbal.pointing:
                    await self._news.wait()
                    self._news.clear()
        except TimeoutError:
            raise RefusedError("camera", NOT_REACHED) from None
        if self._gimbal.problem:
            raise RefusedError("camera", self._gimbal.problem)

    async def photo(self) -> str:
        """Take a picture and see that it was taken; return what is worth saying.

        Raises:
            RefusedError: the camera refused, or did not say that it took one.
        """
        async with self._shooting:
            self._taken.clear()
            order, component = self._trigger()
            self._shutter = CommandProtocol(self._system, component)
            self._answer = asyncio.get_running_loop().create_future()
            self._shutter.request(order)
            try:
                answer = await self._answer
            finally:
                self._shutter = None
            if answer.result is None:
                raise RefusedError("no_answer", "相机无应答 / the camera did not answer")
            if not answer.accepted:
                raise RefusedError(
                    "vehicle_refused", f"相机拒绝 / the camera refused: {answer.name}"
                )
            try:
                async with asyncio.timeout(PHOTO_S):
                    await self._taken.wait()
            except TimeoutError:
                text = "相机未确认拍照 / the camera did not say that it took the picture"
                raise RefusedError("not_confirmed", text) from None
            count = self._camera.photo_count
            return "" if count is None else f"第 {count} 张 / picture {count}"

    # --- inside -----------------------------------------------------------------------------

    def _keep(self, target: AimPlace) -> None:
        height_m = target.altitude_amsl_m
        if height_m is None or not math.isfinite(height_m):
            try:
                height_m = float(
                    self._terrain.elevation_m(target.place.lat_deg, target.place.lon_deg)
                )
            except NoTerrainError:
                self._problem = NO_GROUND
                return
        home_m = self._home_amsl_m()
        if home_m is None:
            self._problem = NO_HOME
            return
        self._gimbal.keep(target.place, height_m - home_m)

    def _trigger(self) -> tuple[Order, int]:
        camera = self._camera
        if camera.present(time.monotonic()) and camera.component is not None:
            one_now = (0, 0, 1, 0, 0, 0, 0)
            shoot = Order(dialect.MAV_CMD_IMAGE_START_CAPTURE, one_now, repeatable=False)
            return shoot, camera.component
        # A camera on the autopilot's own trigger; CAMERA_FEEDBACK says when it fired.
        by_hand = (0, 0, 0, 0, 1, 0, 0)
        return Order(dialect.MAV_CMD_DO_DIGICAM_CONTROL, by_hand, repeatable=False), self._autopilot

    def _shot(self, answers: Sequence[Answer]) -> None:
        for answer in answers:
            if self._answer is not None and not self._answer.done():
                self._answer.set_result(answer)
