"""What an upload says about itself is read strictly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.core.blobs.attachment import Attachment, parse_attachment
from field_api.core.blobs.tus import Refusal

SHA = "0" * 64
ID = "01936b1e-7b1a-7000-8000-000000000001"
LEAST = {"sha256": SHA, "filetype": "image/jpeg"}
WHOLE = LEAST | {
    "filename": "../etc/火场\u202egpj.exe",
    "topic": "task",
    "record_id": ID,
    "role": "photo",
    "t_ms": "1795566600000",
    "lat_deg": "24.98583",
    "lon_deg": "102.6225",
    "device_id": ID,
    "relativePath": "null",
}


def test_least_and_whole() -> None:
    assert parse_attachment(LEAST) == Attachment(SHA, "image/jpeg")
    assert parse_attachment(WHOLE) == Attachment(
        SHA, "image/jpeg", "火场gpj.exe", "task", ID, "photo", 1795566600000, 24.98583, 102.6225, ID
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sha256", ""),
        ("sha256", "A" * 64),
        ("sha256", SHA + "\n"),
        ("filetype", "jpeg"),
        ("filetype", "text/html\nx"),
        ("topic", "Task"),
        ("topic", ""),
        ("role", "a b"),
        ("record_id", "-1"),
        ("device_id", "a b"),
        ("t_ms", "-1"),
        ("t_ms", "1e3"),
        ("lat_deg", "91"),
        ("lat_deg", "nan"),
        ("lat_deg", ""),
        ("lon_deg", "1_0"),
    ],
)
def test_refusals_name_the_key(key: str, value: str) -> None:
    refusal = parse_attachment(WHOLE | {key: value})
    assert isinstance(refusal, Refusal)
    assert refusal.status == 400
    assert refusal.code == f"upload_{key}"


@given(st.dictionaries(st.sampled_from(sorted(WHOLE)), st.text(max_size=70)))
def test_hostile_values_never_raise(values: dict[str, str]) -> None:
    assert isinstance(parse_attachment(WHOLE | values), Attachment | Refusal)
