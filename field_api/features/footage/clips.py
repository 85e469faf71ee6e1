"""Clips of footage, cut at key frames, nothing encoded anew: MP4, or MPEG-TS with ST 0601.

Times of the clip are those of capture: a gap in the recording is a picture that stands still.
"""

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from field_api.contract.camera_angles import relative_angles
from field_api.contract.klv import UasMetadata, encode_uas
from field_api.features.footage.beside import Moment, at_time
from field_api.features.footage.reading import FootageBytes

__all__ = ["ClipError", "Cut", "Source", "metadata_of", "write_clip"]

TICKS = 90_000
_BASE = Fraction(1, TICKS)


class ClipError(ValueError):
    """There are no pictures, or they can't stand in one file; `until_ms` says how far they can."""

    def __init__(self, text: str, until_ms: int | None = None) -> None:
        super().__init__(text)
        self.until_ms = until_ms


@dataclass(frozen=True)
class Source:
    """A file that a clip takes pictures of."""

    footage: FootageBytes
    sha256: str
    """Empty while it is being written."""


@dataclass(frozen=True)
class Cut:
    """What a clip became."""

    from_ms: int
    """Of its first picture: the key frame at or before the moment asked for."""
    to_ms: int
    pictures: int


@dataclass(frozen=True, slots=True)
class _Packet:
    data: bytes
    pts_90k: int
    dts_90k: int
    keyframe: bool
    t_ms: int


def write_clip(
    sources: list[Source],
    from_ms: int,
    to_ms: int,
    path: Path,
    *,
    moments: list[Moment] | None = None,
    vehicle_id: str | None = None,
    hfov_deg: float | None = None,
) -> Cut:
    """Write a clip.

    Args:
        sources: in order.
        from_ms: capture time to begin at; the key frame before it is the first picture.
        to_ms: capture time to end before.
        path: of the new file.
        moments: given, an MPEG transport stream with a set of ST 0601 to every picture is written.
        vehicle_id: which aircraft, for the sets.
        hfov_deg: of its camera, where the moments don't say.

    Raises:
        ClipError: there is nothing to show, or the picture changed its form on the way.
        OSError: the disk doesn't take it.
    """
    head = sources[0].footage.head
    for source in sources[1:]:
        if source.footage.head != head:
            raise ClipError("the picture changed its form", source.footage.began_ms)
    packets = list(_packets(sources, from_ms, to_ms))
    if not packets:
        raise ClipError("there is no picture")
    kind, options = ("mp4", {"movflags": "faststart"})
    if moments is not None:
        kind, options = ("mpegts", {"omit_video_pes_length": "0"})
    aspect = None
    with (
        av.open(io.BytesIO(sources[0].footage.data), "r", format="mp4") as first,
        av.open(str(path), "w", format=kind, options=options) as out,
    ):
        template = first.streams.video[0]
        aspect = template.codec_context.height / template.codec_context.width
        video = out.add_stream_from_template(template)
        video.time_base = _BASE
        klv = out.add_data_stream("klv") if moments is not None else None
        if klv is not None:
            klv.time_base = _BASE
        for packet in packets:
            if klv is not None and moments is not None:
                uas = metadata_of(packet.t_ms, moments, vehicle_id, hfov_deg, aspect)
                out.mux(_packet(encode_uas(uas), packet, klv))
            out.mux(_packet(packet.data, packet, video))
    last = max(packets, key=lambda one: one.t_ms)
    return Cut(packets[0].t_ms, last.t_ms, len(packets))


def _packet(data: bytes, of: _Packet, stream: Any) -> "av.Packet[Any]":
    packet = av.Packet(data)
    packet.pts, packet.dts, packet.time_base = of.pts_90k, of.dts_90k, _BASE
    packet.is_keyframe = of.keyframe
    packet.stream = stream
    return packet


def _packets(sources: list[Source], from_ms: int, to_ms: int) -> Iterator[_Packet]:
    """Yield pictures from the key frame at or before a moment on, as they are stored."""
    all_of: list[_Packet] = []
    begin_ms = sources[0].footage.began_ms
    last_dts = -1
    for source in sources:
        footage = source.footage
        shift = (footage.began_ms - begin_ms) * (TICKS // 1000)
        for piece in footage.fragments:
            for one in piece.pictures:
                t_ms = footage.capture_ms(one.pts_90k)
                dts = max(one.decode_time_90k + shift, last_dts + 1)
                last_dts = dts
                all_of.append(
                    _Packet(
                        footage.data[one.start : one.start + one.size],
                        one.pts_90k + shift,
                        dts,
                        one.keyframe,
                        t_ms,
                    )
                )
    keys = [n for n, one in enumerate(all_of) if one.keyframe and one.t_ms <= from_ms]
    first = keys[-1] if keys else next((n for n, one in enumerate(all_of) if one.keyframe), None)
    if first is None:
        return
    chosen = [one for one in all_of[first:] if one.t_ms < to_ms or one.t_ms <= from_ms]
    zero = all_of[first].dts_90k
    # Containers want no picture to be shown before it is decoded.
    late = max(0, *(one.dts_90k - one.pts_90k for one in chosen), 0)
    for one in chosen:
        yield replace(one, pts_90k=one.pts_90k - zero + late, dts_90k=one.dts_90k - zero)


def metadata_of(
    t_ms: int,
    moments: list[Moment],
    vehicle_id: str | None,
    hfov_deg: float | None,
    aspect: float,
) -> UasMetadata:
    """Return what is known of a picture taken at a moment.

    Args:
        t_ms: capture time.
        moments: of its aircraft, in order.
        vehicle_id: which aircraft.
        hfov_deg: horizontal field of view of its camera, where the moments don't say.
        aspect: height of the picture by its width.
    """
    known = UasMetadata(time_us=t_ms * 1000, platform_designation=vehicle_id)
    now = at_time(moments, t_ms)
    if now is None:
        return known
    hfov = now.hfov_deg if now.hfov_deg is not None else hfov_deg
    azimuth = elevation = roll = None
    if now.gimbal_pitch_deg is not None:
        azimuth, elevation, roll = relative_angles(
            now.pitch_deg or 0.0,
            now.roll_deg or 0.0,
            now.gimbal_pitch_deg,
            now.gimbal_yaw_deg or 0.0,
        )
    return UasMetadata(
        time_us=t_ms * 1000,
        platform_designation=vehicle_id,
        platform_heading_deg=None if now.heading_deg is None else now.heading_deg % 360,
        platform_pitch_deg=now.pitch_deg,
        platform_roll_deg=now.roll_deg,
        sensor_lat_deg=now.lat_deg,
        sensor_lon_deg=now.lon_deg,
        sensor_altitude_amsl_m=now.altitude_amsl_m,
        sensor_hfov_deg=hfov,
        sensor_vfov_deg=None if hfov is None else _vfov_deg(hfov, aspect),
        sensor_relative_azimuth_deg=azimuth,
        sensor_relative_elevation_deg=elevation,
        sensor_relative_roll_deg=roll,
        frame_centre_lat_deg=now.looks_lat_deg,
        frame_centre_lon_deg=now.looks_lon_deg,
    )


def _vfov_deg(hfov_deg: float, aspect: float) -> float:
    """Return the vertical field of view of a pinhole camera."""
    return math.degrees(2 * math.atan(math.tan(math.radians(hfov_deg) / 2) * aspect))
