"""Cameras: one holder at a time, wishes to the node, what the detector follows kept in sight."""

import asyncio
import math
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.ids import new_id
from field_api.contract.link import LinkClient
from field_api.contract.messages import (
    AimAngles,
    AimPlace,
    Box,
    CameraAim,
    CameraState,
    Command,
    FrameBoxes,
    LinkState,
    TakePhoto,
    VehicleState,
    Wish,
)
from field_api.features.cameras.aiming import aim_at_pixel, ground_at_pixel, sight_deg
from field_api.features.cameras.tracking import Tracking
from mission_plans.ground.geodesy import bearing_deg, distance_m
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.values.plan import GeoPoint
from tests.field_api.post import SMOKE, T0_MS, Post

HIGH_M = 80.0


def state_over(place: tuple[float, float], **camera: Any) -> VehicleState:
    lat_deg, lon_deg = place
    ground_m = float(demo_terrain().elevation_m(lat_deg, lon_deg))
    return VehicleState(
        vehicle_id="XS-U1",
        t_ms=T0_MS,
        link=LinkState.LIVE,
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        altitude_amsl_m=ground_m + HIGH_M,
        heading_deg=90.0,
        camera=CameraState(**{"pitch_deg": -90.0, "yaw_deg": 0.0, "hfov_deg": 60.0, **camera}),
    )


class Node:
    """A fleet node that writes down what it is told."""

    def __init__(self, post: Post, outbox: Path) -> None:
        self.wishes: list[Wish] = []
        self.orders: list[Command] = []
        self.news = asyncio.Condition()
        url = post.base_url.replace("http", "ws") + "/api/v1/link"
        token = post.enrol("fleet-1", "fleet")
        self.client = LinkClient(
            url, "fleet-1", "fleet", token, outbox, "1", self._order,
            on_wish=self._wish, now_ms=post.clock,
        )  # fmt: skip

    async def _order(self, command: Command) -> None:
        self.orders.append(command)
        async with self.news:
            self.news.notify_all()

    def _wish(self, wish: Wish) -> None:
        self.wishes.append(wish)
        asyncio.get_running_loop().create_task(self._tell())

    async def _tell(self) -> None:
        async with self.news:
            self.news.notify_all()

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(20), self.news:
            await self.news.wait_for(condition)


@pytest.fixture
async def node(live_post: Post, tmp_path: Path) -> AsyncGenerator[Node]:
    node = Node(live_post, tmp_path / "outbox.sqlite3")
    running = asyncio.create_task(node.client.run())
    heard = asyncio.Event()
    live_post.services.bus.listen(
        lambda value: heard.set() if value.kind.name == "vehicle_state" else None
    )
    node.client.send_latest(state_over(SMOKE))
    async with asyncio.timeout(20):
        await heard.wait()
    yield node
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    node.client.close()


CAMERA = "/vehicles/XS-U1/camera"
DOWN = {"target": {"to": "angles", "pitch_deg": -60, "yaw_deg": 10}}


async def test_one_person_at_a_time_points_a_camera_and_all_see_who(
    live_post: Post, node: Node
) -> None:
    pilot, commander = await live_post.sign_in("pilot"), await live_post.sign_in("commander")
    refused = await pilot.post(f"{CAMERA}/aim", json=DOWN)
    assert (refused.status_code, refused.json()["detail"]["code"]) == (409, "camera_not_held")

    held = await pilot.post(f"{CAMERA}/take", json={})
    assert held.status_code == 200
    assert held.json()["holder_id"] == "pilot"
    assert (await pilot.post(f"{CAMERA}/take", json={})).json() == held.json(), "once"
    assert (await pilot.post(f"{CAMERA}/aim", json=DOWN)).status_code == 204
    await node.until(lambda: bool(node.wishes))
    assert node.wishes[-1].target == AimAngles(pitch_deg=-60, yaw_deg=10)

    for path, body in (("take", {}), ("release", {}), ("aim", DOWN), ("photo", {"id": new_id()})):
        other = await commander.post(f"{CAMERA}/{path}", json=body)
        assert other.status_code == 409, path
        assert other.json()["detail"]["code"] == "camera_held"
        assert held.json()["holder"] in other.json()["detail"]["text_en"]

    over = await commander.post(f"{CAMERA}/take", json={"over": True})
    assert over.json()["holder_id"] == "commander"
    assert (await pilot.post(f"{CAMERA}/aim", json=DOWN)).status_code == 409
    released = await commander.post(f"{CAMERA}/release", json={})
    assert released.json()["holder_id"] is None
    auditor = await live_post.sign_in("auditor")
    assert (await auditor.post(f"{CAMERA}/take", json={})).status_code == 403


async def test_direction_and_zoom_are_wished_apart_and_a_picture_is_an_order(
    live_post: Post, node: Node
) -> None:
    pilot = await live_post.sign_in("pilot")
    await pilot.post(f"{CAMERA}/take", json={})
    place = {"to": "place", "place": {"lat_deg": SMOKE[0], "lon_deg": SMOKE[1]}}
    aimed = await pilot.post(f"{CAMERA}/aim", json={"target": place, "zoom_percent": 40})
    assert aimed.status_code == 204
    await node.until(lambda: len(node.wishes) == 2)
    assert {wish.zoom_percent for wish in node.wishes} == {None, 40}
    photo_id = new_id()
    for _ in range(2):
        photo = await pilot.post(f"{CAMERA}/photo", json={"id": photo_id})
        assert photo.status_code == 202, photo.text
    await node.until(lambda: bool(node.orders))
    assert [order.body for order in node.orders] == [TakePhoto(vehicle_id="XS-U1")]
    for bad in ({"to": "angles", "pitch_deg": -200}, {"to": "pixel", "x": 2, "y": 0}, {"to": "up"}):
        assert (await pilot.post(f"{CAMERA}/aim", json={"target": bad})).status_code == 422


async def test_a_click_in_the_picture_aims_at_the_ground_that_it_shows(
    live_post: Post, node: Node
) -> None:
    pilot = await live_post.sign_in("pilot")
    await pilot.post(f"{CAMERA}/take", json={})
    # Straight down, nose to the east: the top of the picture lies in the east.
    click = {"to": "pixel", "x": 0.5, "y": 0.25, "aspect": 16 / 9}
    assert (await pilot.post(f"{CAMERA}/aim", json={"target": click})).status_code == 204
    await node.until(lambda: bool(node.wishes))
    target = node.wishes[-1].target
    assert isinstance(target, AimPlace)
    here = GeoPoint(lat_deg=SMOKE[0], lon_deg=SMOKE[1])
    assert bearing_deg(here, target.place) == pytest.approx(90, abs=3)
    away_m = HIGH_M * math.tan(math.radians(30)) * 9 / 16 / 2
    assert distance_m(here, target.place) == pytest.approx(away_m, rel=0.35)  # a slope


async def test_whoever_watches_is_told_which_ground_a_point_shows(
    live_post: Post, node: Node
) -> None:
    auditor = await live_post.sign_in("auditor")
    at = {"x": 0.5, "y": 0.25, "aspect": 16 / 9}
    told = await auditor.post(f"{CAMERA}/ground", json=at)
    assert told.status_code == 200, told.text
    ground = told.json()
    here = GeoPoint(lat_deg=SMOKE[0], lon_deg=SMOKE[1])
    there = GeoPoint(lat_deg=ground["lat_deg"], lon_deg=ground["lon_deg"])
    assert ground["bearing_deg"] == pytest.approx(90, abs=3)
    assert ground["distance_m"] == pytest.approx(distance_m(here, there), abs=0.5)
    terrain_m = float(demo_terrain().elevation_m(there.lat_deg, there.lon_deg))
    assert ground["elevation_amsl_m"] == pytest.approx(terrain_m, abs=0.5)
    assert 3 < ground["error_m"] < 20
    old = await auditor.post(f"{CAMERA}/ground", json={**at, "t_ms": T0_MS - 60_000})
    assert (old.status_code, old.json()["detail"]["code"]) == (409, "ground_unknown")
    unknown = await auditor.post("vehicles/XS-U99/camera/ground", json=at)
    assert unknown.status_code == 404


@given(st.floats(-90, 30), st.floats(0, 1), st.floats(0, 1), st.integers(-5000, 5000))
def test_a_flatter_view_and_an_older_picture_are_less_certain(
    pitch_deg: float, x: float, y: float, age_ms: int
) -> None:
    state = state_over(SMOKE, pitch_deg=pitch_deg).model_copy(update={"velocity_north_ms": 8.0})
    seen = ground_at_pixel(state, demo_terrain(), 60, 16 / 9, x, y, 0)
    if seen is None:
        return
    assert seen.error_m >= 1.96 * 1.5
    later = ground_at_pixel(state, demo_terrain(), 60, 16 / 9, x, y, age_ms)
    assert later is not None
    assert later.error_m >= seen.error_m
    assert later.place == seen.place


async def test_what_the_detector_follows_is_kept_in_the_picture_until_it_is_lost(
    live_post: Post, node: Node
) -> None:
    pilot = await live_post.sign_in("pilot")
    await pilot.post(f"{CAMERA}/take", json={})
    wrong = await pilot.post(f"{CAMERA}/track", json={"stream_id": "XS-U2-cam", "track_id": 7})
    assert wrong.json()["detail"]["code"] == "camera_other_stream"
    held = await pilot.post(f"{CAMERA}/track", json={"stream_id": "XS-U1-cam", "track_id": 7})
    assert held.json()["track_id"] == 7

    def see(track_id: int, x: float) -> None:
        live_post.clock.advance_s(1.5)
        box = Box(track_id=track_id, label="person", confidence=0.9, x=x, y=0.3, w=0.02, h=0.05)
        frame = FrameBoxes(stream_id="XS-U1-cam", pts_90k=1, t_ms=live_post.clock(), boxes=[box])
        node.client.send_latest(frame)

    async with asyncio.timeout(20):
        while not node.wishes:
            see(7, 0.4)
            await asyncio.sleep(0.05)
    first = node.wishes[-1]
    assert isinstance(first, CameraAim)
    assert isinstance(first.target, AimPlace)
    async with asyncio.timeout(20):
        while node.wishes[-1] is first:
            see(8, 0.9)  # somebody else
            see(7, 0.6)
            await asyncio.sleep(0.05)
    live_post.clock.advance_s(60)
    live_post.services.part(Tracking).give_up_lost()
    roster = await pilot.post(f"{CAMERA}/take", json={})
    assert roster.json()["track_id"] is None
    assert roster.json()["holder_id"] == "pilot", "who holds it goes on holding it"


@given(
    pitch_deg=st.floats(-90, 30),
    hfov_deg=st.floats(5, 120),
    x=st.floats(0, 1),
    y=st.floats(0, 1),
)
def test_the_middle_of_the_picture_is_the_optical_axis(
    pitch_deg: float, hfov_deg: float, x: float, y: float
) -> None:
    turn_deg, elevation_deg = sight_deg(pitch_deg, hfov_deg, 16 / 9, 0.5, 0.5)
    assert elevation_deg == pytest.approx(pitch_deg, abs=1e-6)
    assert turn_deg == pytest.approx(0, abs=1e-6) or pitch_deg < -89.999
    # As far from the axis as the lens says, whatever the tilt.
    turn_deg, elevation_deg = sight_deg(pitch_deg, hfov_deg, 16 / 9, x, y)
    half = math.tan(math.radians(hfov_deg) / 2)
    off = math.hypot((2 * x - 1) * half, (2 * y - 1) * half * 9 / 16)
    turn, up, pitch = map(math.radians, (turn_deg, elevation_deg, pitch_deg))
    cosine = math.sin(up) * math.sin(pitch) + math.cos(up) * math.cos(pitch) * math.cos(turn)
    assert math.acos(max(-1.0, min(1.0, cosine))) == pytest.approx(math.atan(off), abs=1e-4)


def test_above_the_horizon_the_camera_is_only_turned() -> None:
    level = state_over(SMOKE, pitch_deg=0.0)
    target = aim_at_pixel(level, demo_terrain(), 60, 16 / 9, 1.0, 0.2)
    assert isinstance(target, AimAngles)
    assert target.yaw_deg == pytest.approx(30, abs=0.5)
    assert target.pitch_deg > 5
    blind = level.model_copy(update={"camera": None})
    assert aim_at_pixel(blind, demo_terrain(), 60, 16 / 9, 0.5, 0.5) is None
