"""Messages as nodes send them."""

import base64
import hashlib
from typing import Any

from field_api.contract.ids import new_id
from field_api.contract.messages import (
    Box,
    CameraPose,
    Detection,
    EvidenceImage,
    ModelReference,
    SortieEvent,
    SortieState,
)
from mission_plans.values.plan import GeoPoint
from tests.field_api.post import SMOKE, T0_MS

JPEG = b"\xff\xd8\xff\xe0" + b"crop of a hiker" * 40


def picture(data: bytes = JPEG, **changes: Any) -> EvidenceImage:
    """Return an evidence picture."""
    return EvidenceImage(
        **{
            "role": "crop",
            "sha256": hashlib.sha256(data).hexdigest(),
            "data_base64": base64.b64encode(data).decode(),
            **changes,
        }
    )


def detection(**changes: Any) -> Detection:
    """Return a person seen at the smoke point."""
    lat_deg, lon_deg = changes.pop("at", SMOKE)
    return Detection(
        **{
            "id": new_id(),
            "t_ms": T0_MS,
            "first_seen_ms": T0_MS - 1000,
            "stream_id": "XS-U1-cam",
            "vehicle_id": "XS-U1",
            "label": "person",
            "confidence": 0.83,
            "frame_count": 12,
            "track_id": 1,
            "pts_90k": 90_000,
            "box": Box(track_id=1, label="person", confidence=0.83, x=0.4, y=0.4, w=0.1, h=0.2),
            "position": GeoPoint(lat_deg=lat_deg, lon_deg=lon_deg),
            "pose": CameraPose(
                lat_deg=lat_deg - 0.001,
                lon_deg=lon_deg,
                altitude_amsl_m=2420,
                yaw_deg=0,
                pitch_deg=-40,
                hfov_deg=62,
            ),
            "model": ModelReference(name="test", sha256="0" * 64),
            "evidence": [picture()],
            **changes,
        }
    )


def sortie_event(
    sortie_id: str, vehicle_id: str, state: SortieState, t_ms: int, **changes: Any
) -> SortieEvent:
    """Return a sortie's step."""
    return SortieEvent(
        **{
            "id": new_id(),
            "t_ms": t_ms,
            "sortie_id": sortie_id,
            "vehicle_id": vehicle_id,
            "state": state,
            "author": "fleet-1",
            **changes,
        }
    )
