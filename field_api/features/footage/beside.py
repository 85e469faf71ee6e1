"""What belonged to a file's pictures, in a file beside it: boxes and where the camera was.

A line of JSON each, in the order in which they came, with the capture time of what they say. The
picture itself stays as the camera sent it. The first line says of which recording the file is, so
that the index can be made again from the files alone.
"""

import json
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from field_api.contract.messages import FrameBoxes, VehicleState

__all__ = ["Beside", "FileFacts", "Moment", "at_time", "moment_of", "read_beside", "write_line"]

log = structlog.get_logger(__name__)

LONGEST_GAP_MS = 2000
"""Between two states further apart nobody knows where the aircraft was."""


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class FileFacts(_Line):
    """Of which recording a file is."""

    id: str
    stream_id: str
    vehicle_id: str | None = None
    area: str = ""
    began_ms: int
    first_pts_90k: int
    codec: str
    width: int
    height: int


class Moment(_Line):
    """Where an aircraft and its camera were; None for what it did not say."""

    t_ms: int
    lat_deg: float | None = None
    lon_deg: float | None = None
    altitude_amsl_m: float | None = None
    altitude_agl_m: float | None = None
    heading_deg: float | None = None
    pitch_deg: float | None = None
    roll_deg: float | None = None
    gimbal_pitch_deg: float | None = None
    """Against the horizon."""
    gimbal_yaw_deg: float | None = None
    """Against the nose, clockwise."""
    hfov_deg: float | None = None
    looks_lat_deg: float | None = None
    """The place that the aircraft said it keeps in the middle of the picture."""
    looks_lon_deg: float | None = None


@dataclass(frozen=True)
class Beside:
    """All that one file beside holds, in the order of capture."""

    facts: FileFacts | None
    boxes: list[FrameBoxes]
    moments: list[Moment]


def moment_of(state: VehicleState) -> Moment:
    """Return what of a vehicle's state belongs to its pictures."""
    camera, place = state.camera, state.camera.place if state.camera else None
    return Moment(
        t_ms=state.t_ms,
        lat_deg=state.lat_deg,
        lon_deg=state.lon_deg,
        altitude_amsl_m=state.altitude_amsl_m,
        altitude_agl_m=state.altitude_agl_m,
        heading_deg=state.heading_deg,
        pitch_deg=state.pitch_deg,
        roll_deg=state.roll_deg,
        gimbal_pitch_deg=camera.pitch_deg if camera else None,
        gimbal_yaw_deg=camera.yaw_deg if camera else None,
        hfov_deg=camera.hfov_deg if camera else None,
        looks_lat_deg=place.lat_deg if place else None,
        looks_lon_deg=place.lon_deg if place else None,
    )


def write_line(value: FileFacts | FrameBoxes | Moment) -> bytes:
    """Return a value as its line."""
    name = {FileFacts: "file", FrameBoxes: "boxes", Moment: "moment"}[type(value)]
    return f'{{"{name}":{value.model_dump_json(exclude_none=True)}}}\n'.encode()


def read_beside(data: bytes) -> Beside:
    """Read a file beside; a line cut off by a killed process is left out, one damaged is told."""
    facts: FileFacts | None = None
    boxes: list[FrameBoxes] = []
    moments: list[Moment] = []
    for number, line in enumerate(data.split(b"\n")[:-1], 1):
        try:
            ((name, value),) = json.loads(line).items()
            if name == "file":
                facts = FileFacts.model_validate(value)
            elif name == "boxes":
                boxes.append(FrameBoxes.model_validate(value))
            elif name == "moment":
                moments.append(Moment.model_validate(value))
        except (ValueError, AttributeError, ValidationError) as error:
            log.warning("footage_line_damaged", line=number, error=str(error)[:200])
    return Beside(
        facts,
        sorted(boxes, key=lambda one: one.t_ms),
        sorted(moments, key=lambda one: one.t_ms),
    )


def at_time(moments: list[Moment], t_ms: int) -> Moment | None:
    """Return where it was at a moment, between the states around it; None where nobody knows."""
    after = bisect_left(moments, t_ms, key=lambda one: one.t_ms)
    if after < len(moments) and moments[after].t_ms == t_ms:
        return moments[after]
    if not 0 < after < len(moments):
        nearest = moments[:1] if after == 0 else moments[-1:]
        close = [one for one in nearest if abs(one.t_ms - t_ms) <= LONGEST_GAP_MS // 2]
        return close[0].model_copy(update={"t_ms": t_ms}) if close else None
    one, two = moments[after - 1], moments[after]
    if two.t_ms - one.t_ms > LONGEST_GAP_MS:
        return None
    share = (t_ms - one.t_ms) / (two.t_ms - one.t_ms)
    return Moment(t_ms=t_ms, **dict(_mixed(one, two, share)))


_TURNS = {"heading_deg", "gimbal_yaw_deg", "roll_deg", "lon_deg"}


def _mixed(one: Moment, two: Moment, share: float) -> Iterable[tuple[str, float | None]]:
    for name in Moment.model_fields:
        if name == "t_ms":
            continue
        mix: Callable[[float, float], float] = _turned if name in _TURNS else _straight
        a, b = getattr(one, name), getattr(two, name)
        if a is None or b is None:
            yield name, None
        else:
            yield name, a + mix(a, b) * share


def _straight(a: float, b: float) -> float:
    return b - a


def _turned(a: float, b: float) -> float:
    """Return the shorter way round, so that 359 and 1 degrees mix to north."""
    return (b - a + 180) % 360 - 180
