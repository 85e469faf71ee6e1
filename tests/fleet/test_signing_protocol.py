"""Signed links: only the key opens them, and no forgery locks the key's holder out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.mavlink import Codec, Signing, dialect, signing_time

KEY, OTHER = bytes(range(32)), bytes(32)
NOW = signing_time(1_790_000_000_000_000)
MINUTE = 6_000_000


def signer(key: bytes = KEY, timestamp: int = NOW, system: int = 7) -> Codec:
    return Codec(system, 1, Signing(key, 3, timestamp))


def ours() -> Codec:
    return Codec(signing=Signing(KEY, 0, NOW))


def beat(codec: Codec) -> bytes:
    return codec.pack(dialect.MAVLink_heartbeat_message(2, 3, 81, 0, 4, 3))


def heard(codec: Codec, frame: bytes) -> list[str]:
    return [message.get_type() for message in codec.parse(frame)]


def test_the_key_opens_and_nothing_else_does() -> None:
    codec = ours()
    vehicle = signer()
    assert heard(codec, beat(vehicle)) == ["HEARTBEAT"]
    assert heard(codec, beat(vehicle)) == ["HEARTBEAT"]
    assert heard(codec, beat(signer(OTHER, NOW + MINUTE))) == []
    assert heard(codec, beat(Codec(7, 1))) == [], "unsigned"
    assert codec.bad_data == 2
    radio = Codec(51, 68).pack(dialect.MAVLink_radio_status_message(1, 1, 1, 1, 1, 1, 1))
    assert heard(codec, radio) == ["RADIO_STATUS"], "a radio has no key"


def test_a_forged_frame_from_the_future_locks_nobody_out() -> None:
    codec = ours()
    vehicle = signer()
    assert heard(codec, beat(vehicle)) == ["HEARTBEAT"]
    assert heard(codec, beat(signer(OTHER, NOW + 1_000 * MINUTE))) == []
    assert codec.signing_timestamp < NOW + MINUTE
    assert heard(codec, beat(vehicle)) == ["HEARTBEAT"]


@given(st.data())
def test_no_changed_byte_gets_through_or_moves_the_time(data: st.DataObject) -> None:
    codec = ours()
    frame = bytearray(beat(signer(timestamp=NOW + 5)))
    index = data.draw(st.integers(1, len(frame) - 1))
    frame[index] ^= data.draw(st.integers(1, 255))
    assert heard(codec, bytes(frame)) == []
    assert codec.signing_timestamp == NOW
    # What follows, after the rest of the damaged one, is heard.
    vehicle = signer(timestamp=NOW + 5)
    assert "HEARTBEAT" in [kind for _ in range(12) for kind in heard(codec, beat(vehicle))]


def test_a_message_that_nobody_here_knows_needs_its_signature_too() -> None:
    frame = bytearray(beat(Codec(7, 1)))
    frame[7] = 202  # No message of the dialect; its checksum can't be known.
    assert heard(Codec(), bytes(frame)) == ["UNKNOWN_202"]
    assert heard(ours(), bytes(frame)) == []


def test_replays_and_old_streams_are_refused() -> None:
    codec = ours()
    frame = beat(signer())
    assert heard(codec, frame) == ["HEARTBEAT"]
    assert heard(codec, frame) == [], "replayed"
    assert heard(codec, beat(signer(timestamp=NOW - 5 * MINUTE, system=8))) == []
    assert heard(codec, beat(signer(timestamp=NOW - MINUTE // 2, system=9))) == ["HEARTBEAT"]


def test_the_time_goes_on_with_the_clock_and_with_the_vehicle_and_never_back() -> None:
    codec = ours()
    codec.keep_time(1_790_000_060_000_000)
    assert codec.signing_timestamp == NOW + MINUTE
    codec.keep_time(1_700_000_000_000_000)
    assert codec.signing_timestamp == NOW + MINUTE
    assert heard(codec, beat(signer(timestamp=NOW + 3 * MINUTE))) == ["HEARTBEAT"]
    assert codec.signing_timestamp == NOW + 3 * MINUTE
    assert heard(signer(), beat(codec)) == ["HEARTBEAT"]
    assert codec.signing_timestamp == NOW + 3 * MINUTE + 1


def test_keys_are_whole_and_never_shown() -> None:
    with pytest.raises(ValueError, match="32 bytes, not 5"):
        Signing(b"short", 0, 0)
    assert str(list(KEY)) not in repr(Signing(KEY, 1, 2))
    assert repr(KEY)[2:10] not in repr(Signing(KEY, 1, 2))
