"""What an upload says about itself: its hash, its kind, and where it belongs."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from field_api.core.blobs.tus_values import Refusal, bad_request

__all__ = ["Attachment", "parse_attachment"]

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MEDIA_TYPE = re.compile(r"[a-z]{1,20}/[a-z0-9][a-z0-9.+-]{0,80}", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9_.]{0,39}", re.ASCII)
_DECIMAL = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,15})?", re.ASCII)
_MILLISECONDS = re.compile(r"[0-9]{1,14}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file of a record, as its maker describes it."""

    sha256: str
    media_type: str
    filename: str | None = None
    """For a person to read; never a path."""
    topic: str | None = None
    record_id: str | None = None
    role: str | None = None
    """What it is to its record: photo, voice, signature..."""
    t_ms: int | None = None
    lat_deg: float | None = None
    lon_deg: float | None = None
    device_id: str | None = None


def parse_attachment(metadata: Mapping[str, str]) -> Attachment | Refusal:
    """Read the keys of an upload's metadata; unknown keys are let be, as tus clients add their own.

    Whether the media type, topic and role are ones that this post takes is for the caller to say.
    """
    sha256 = metadata.get("sha256", "")
    if _SHA256.fullmatch(sha256) is None:
        return _wrong("sha256", "必填,64 位小写十六进制", "required, 64 lower-case hex digits")
    media_type = metadata.get("filetype", "").partition(";")[0].strip().lower()
    if _MEDIA_TYPE.fullmatch(media_type) is None:
        return _wrong("filetype", "必填,如 image/jpeg", "required, such as image/jpeg")
    for key in ("topic", "role"):
        if metadata.get(key) and _NAME.fullmatch(metadata[key]) is None:
            return _wrong(
                key,
                "至多 40 个小写字母、数字、下划线或点,以字母开头",
                "at most 40 lower-case letters, digits, underscores and dots, a letter first",
            )
    ids: dict[str, str | None] = {}
    for key in ("record_id", "device_id"):
        if metadata.get(key) and _ID.fullmatch(metadata[key]) is None:
            return _wrong(
                key, "至多 60 个字母、数字、._-", "at most 60 letters, digits, dots, - and _"
            )
        ids[key] = metadata.get(key) or None
    if ids["record_id"] is not None and not metadata.get("topic"):
        return _wrong("topic", "给出 record_id 时必填", "required where record_id is given")
    if metadata.get("t_ms") and _MILLISECONDS.fullmatch(metadata["t_ms"]) is None:
        return _wrong("t_ms", "应为 UTC 毫秒整数", "must be UTC milliseconds, an integer")
    lat_deg = _degrees(metadata.get("lat_deg"), 90)
    lon_deg = _degrees(metadata.get("lon_deg"), 180)
    for key, value in (("lat_deg", lat_deg), ("lon_deg", lon_deg)):
        if value is not None and math.isnan(value):
            return _wrong(key, "应为 WGS-84 十进制度数", "must be decimal degrees, WGS-84")
    if (lat_deg is None) != (lon_deg is None):
        return _wrong("lat_deg", "应与 lon_deg 同时给出", "must be given together with lon_deg")
    return Attachment(
        sha256=sha256,
        media_type=media_type,
        filename=_filename(metadata.get("filename", "")),
        topic=metadata.get("topic") or None,
        record_id=ids["record_id"],
        role=metadata.get("role") or None,
        t_ms=int(metadata["t_ms"]) if metadata.get("t_ms") else None,
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        device_id=ids["device_id"],
    )


def _degrees(text: str | None, most: int) -> float | None:
    """Return degrees, None where nothing was sent, NaN where they can't be read."""
    if not text:
        return None
    if _DECIMAL.fullmatch(text) is None or abs(float(text)) > most:
        return math.nan
    return float(text)


def _filename(text: str) -> str | None:
    """Return the last part of a name, without what would make it a path or hide its ending."""
    last = re.split(r"[/\\]", text)[-1].strip().lstrip(".")
    return re.sub(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", last)[:120] or None


def _wrong(key: str, text_zh: str, text_en: str) -> Refusal:
    return bad_request(
        f"upload_{key}",
        f"Upload-Metadata 的 {key} {text_zh}",
        f"{key} in Upload-Metadata: {text_en}",
    )
