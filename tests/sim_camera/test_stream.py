"""The stream over a real UDP socket: decodable, with every picture's metadata at its time."""

import io
import socket
from itertools import pairwise

import av
import numpy as np
import pytest

from field_api.contract.klv import parse_uas
from sim.camera.metadata import encode_pose
from sim.camera.projection import Lens
from sim.camera.stream import CameraStream
from tests.sim_camera.test_metadata import pose

FRAMES = 31
STEP_90K = 6000
TS_PACKET = 188


@pytest.fixture(scope="module")
def received() -> bytes:
    """What arrived for `FRAMES` pictures whose brightness counts up."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8_000_000)
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(1.0)
        port = listener.getsockname()[1]
        data = bytearray()
        lens = Lens(320, 192)
        with CameraStream(f"udp://127.0.0.1:{port}", 320, 192, 15) as stream:
            for number in range(FRAMES):
                image = np.full((192, 320, 3), 20 + 6 * number, np.uint8)
                metadata = encode_pose(
                    pose(yaw_deg=float(number)), lens.hfov_deg, lens.vfov_deg, 1_000_000 + number
                )
                stream.send(image, metadata, 90_000 + number * STEP_90K)
                data += drain(listener)
        data += drain(listener)
    return bytes(data)


def drain(listener: socket.socket) -> bytes:
    """Return every datagram that is there; loopback delivers before the sender goes on."""
    data = bytearray()
    listener.setblocking(False)
    while True:
        try:
            datagram = listener.recv(65536)
        except BlockingIOError:
            return bytes(data)
        assert len(datagram) % TS_PACKET == 0
        data += datagram


def test_every_picture_and_its_metadata_arrive_under_one_time(received: bytes) -> None:
    pictures: dict[int, float] = {}
    metadata: dict[int, bytes] = {}
    with av.open(io.BytesIO(received), "r", format="mpegts") as container:
        for packet in container.demux():
            if packet.dts is None or packet.pts is None:
                continue
            if packet.stream.type == "data":
                metadata[packet.pts] = bytes(packet)
                continue
            for frame in packet.decode():
                assert isinstance(frame, av.VideoFrame)
                assert frame.pts is not None
                pictures[frame.pts] = float(frame.to_ndarray(format="gray").mean())
    assert len(metadata) == FRAMES
    assert len(pictures) >= FRAMES - 1
    assert set(pictures) <= set(metadata)
    for number, pts in enumerate(sorted(metadata)):
        read = parse_uas(metadata[pts])
        assert read.time_us == 1_000_000 + number
        assert read.platform_heading_deg == pytest.approx(number, abs=0.01)
    assert {b - a for a, b in pairwise(sorted(metadata))} == {STEP_90K}
    grey = [pictures[pts] for pts in sorted(pictures)]
    assert all(b > a for a, b in pairwise(grey))


def test_readers_that_join_late_need_no_longer_than_a_second(received: bytes) -> None:
    with av.open(io.BytesIO(received), "r", format="mpegts") as container:
        keys = [p.is_keyframe for p in container.demux(video=0) if p.dts is not None]
    assert keys[0]
    assert all(any(keys[n : n + 15]) for n in range(len(keys) - 14))


def test_pictures_say_their_length_so_that_no_parser_waits(received: bytes) -> None:
    """PES_packet_length (ISO 13818-1, 2.4.3.7) of 0 makes a reader wait for the next picture."""
    lengths: list[int] = []
    for at in range(0, len(received), TS_PACKET):
        packet = received[at : at + TS_PACKET]
        assert packet[0] == 0x47
        if not packet[1] & 0x40:
            continue
        start = 4 + (1 + packet[4] if packet[3] & 0x20 else 0)
        if packet[start : start + 3] == b"\0\0\1" and packet[start + 3] & 0xF0 == 0xE0:
            lengths.append(int.from_bytes(packet[start + 4 : start + 6], "big"))
    assert len(lengths) == FRAMES
    assert all(length > 0 for length in lengths)
