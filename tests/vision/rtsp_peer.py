"""A camera of our own that speaks RTSP as a test wants it to."""

import socket
import threading
from collections.abc import Iterator

import av
import numpy as np

from field_api.contract.nal_units import Codec, annex_b, nal_units, parameter_set_kinds, unit_kind
from field_api.contract.rtp import (
    Packetizer,
    RtpPacket,
    SenderReport,
    build_farewell,
    build_rtp,
    build_sender_report,
    describe_video,
)
from field_api.contract.rtsp import Interleaved, RtspReader, RtspRequest, RtspResponse, interleave

SSRC = 77
RATE = 25


def film(codec: Codec, count: int, width: int = 320, height: int = 180) -> list[bytes]:
    """Access units of a moving picture, each as the encoder made it."""
    name, options = {
        Codec.H264: ("libx264", {"preset": "ultrafast", "tune": "zerolatency"}),
        Codec.H265: (
            "libx265",
            {"preset": "ultrafast", "tune": "zerolatency", "x265-params": "log-level=none:pools=1"},
        ),
    }[codec]
    encoder = av.CodecContext.create(name, "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.framerate = RATE
    encoder.gop_size = 10
    encoder.options = options
    units: list[bytes] = []
    for number in range(count):
        image = np.full((height, width, 3), 3 * number % 256, np.uint8)
        image[number : number + 20] = np.arange(3 * width).reshape(width, 3) % 256
        frame = av.VideoFrame.from_ndarray(image, format="rgb24")
        units += [bytes(packet) for packet in encoder.encode(frame)]
    return units + [bytes(packet) for packet in encoder.encode(None)]


class RtspPeer:
    """Serves one client after the other until left."""

    def __init__(self, units: list[bytes], codec: Codec = Codec.H264) -> None:
        self.units = units
        self.codec = codec
        self.encoding: str = codec.value
        self.clock_ms: int | None = None
        """What the camera's clock says at its first picture; None sends no reports."""
        self.lose: set[int] = set()
        """Numbers of packets that are not sent."""
        self.klv: bytes | None = None
        self.garbage = False
        self.hold = False
        """Keep the connection open after the last unit, silent."""
        self.seen: list[RtspRequest] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/live"

    def __enter__(self) -> "RtspPeer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        # Accepting ends with the listener's own last client.
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join(10)
        self._listener.close()

    def _serve(self) -> None:
        while not self._stop.is_set():
            line, _ = self._listener.accept()
            with line:
                line.settimeout(5)
                try:
                    self._talk(line)
                except OSError:
                    continue

    def _talk(self, line: socket.socket) -> None:
        reader = RtspReader()
        while not self._stop.is_set():
            data = line.recv(65_536)
            if not data:
                return
            if self.garbage:
                line.sendall(b"\x00\xff garbage" * 100)
                return
            for request in reader.receive(data):
                if isinstance(request, Interleaved):
                    continue
                assert isinstance(request, RtspRequest)
                self.seen.append(request)
                line.sendall(self._answer(request).build())
                if request.method == "PLAY":
                    self._play(line)
                    if not self.hold:
                        return

    def _answer(self, request: RtspRequest) -> RtspResponse:
        told = {"CSeq": request.headers["cseq"]}
        if request.method == "DESCRIBE":
            return RtspResponse(200, told, self._description().encode())
        if request.method == "SETUP":
            told |= {
                "Transport": request.headers["transport"],
                "Session": "12345678;timeout=60",
            }
        return RtspResponse(200, told)

    def _description(self) -> str:
        kinds = parameter_set_kinds(self.codec)
        found = [u for u in nal_units(self.units[0]) if unit_kind(self.codec, u) in kinds]
        text = describe_video(
            self.codec, found, name="camera", control="video", payload_type=96
        ).replace(f":96 {self.codec.value}/", f":96 {self.encoding}/")
        if self.klv is not None:
            text += "m=application 0 RTP/AVP 97\r\na=rtpmap:97 smpte336m/90000\r\n"
            text += "a=control:klv\r\n"
        return text

    def _packets(self) -> Iterator[bytes]:
        packetizer = Packetizer(self.codec, 96, SSRC, 65_500)
        first = 2**32 - 90_000
        number = 0
        for n, unit in enumerate(self.units):
            if self.clock_ms is not None and n == 1:
                report = SenderReport(SSRC, self.clock_ms, first)
                yield interleave(1, build_sender_report(report, "camera"))
            for packet in packetizer.access_unit(unit, first + n * 90_000 // RATE):
                if number not in self.lose:
                    yield interleave(0, packet)
                number += 1
            if self.klv is not None and n == 2:
                half = len(self.klv) // 2
                for sequence, part in enumerate((self.klv[:half], self.klv[half:])):
                    packet = RtpPacket(97, sequence == 1, sequence, 5, 78, part)
                    yield interleave(2, build_rtp(packet))

    def _play(self, line: socket.socket) -> None:
        for data in self._packets():
            line.sendall(data)
        if self.hold:
            return
        line.sendall(interleave(1, build_farewell(SSRC, "camera")))
        # Closed with something unread, the line would take what was sent along.
        line.shutdown(socket.SHUT_WR)
        while line.recv(4096):
            pass


def without_parameter_sets(codec: Codec, unit: bytes) -> bytes:
    """The unit as cameras send it that say their parameter sets in the description only."""
    kinds = parameter_set_kinds(codec)
    return annex_b(u for u in nal_units(unit) if unit_kind(codec, u) not in kinds)
