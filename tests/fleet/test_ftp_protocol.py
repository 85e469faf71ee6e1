"""Files come over whole and checked, or it is said why not."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.mavlink import Message, dialect
from fleet.protocol.ftp import (
    FtpDone,
    FtpEntries,
    FtpEntry,
    FtpFailed,
    FtpList,
    FtpRead,
)
from fleet.protocol.ftp_payload import MAX_DATA, FtpError, FtpPayload, Opcode, file_crc32
from tests.fleet.lossy_channel import play
from tests.fleet.wire import AUTOPILOT, VEHICLE, Side

vehicle = Side(VEHICLE)


def read_question(message: Message) -> FtpPayload:
    """Read what a client sent, as the vehicle does."""
    answer = dialect.MAVLink_file_transfer_protocol_message(0, 255, 190, message.payload)
    said = FtpPayload.of(vehicle.says(answer), VEHICLE, AUTOPILOT)
    assert said is not None
    return said


class ModelFiles:
    """The vehicle's side: one session, bursts of `burst` pieces, an old answer repeated."""

    def __init__(
        self, files: dict[str, bytes], burst: int = 1_000, more_bytes: int = 0, crc: bool = True
    ) -> None:
        self._files = files
        self._burst = burst
        self._more = more_bytes
        """How much longer a file says that it is, as ArduPilot's virtual ones do."""
        self._crc = crc
        self._open = b""
        self._to_send: list[FtpPayload] = []
        self._answered: dict[int, FtpPayload] = {}

    def receive(self, message: Message, now_s: float) -> list[Message]:
        if message.get_type() != "FILE_TRANSFER_PROTOCOL":
            return []
        asked = read_question(message)
        if asked.seq in self._answered:
            return [self._answered[asked.seq].message(255, 190)]
        if asked.opcode == Opcode.BURST_READ_FILE:
            self._to_send = self._bursting(asked)
            return []
        said = self._answer(asked)
        self._answered[asked.seq] = said
        return [said.message(255, 190)]

    def poll(self, now_s: float) -> list[Message]:
        now, self._to_send = self._to_send[:8], self._to_send[8:]
        return [said.message(255, 190) for said in now]

    def _answer(self, asked: FtpPayload) -> FtpPayload:
        path = asked.data.decode(errors="replace")
        match asked.opcode:
            case Opcode.LIST_DIRECTORY:
                entries = [b"D..", b"Dlogs", b"S"]
                entries += [b"F%s\t%d" % (n.encode(), len(d)) for n, d in self._files.items()]
                part = b""
                for entry in entries[asked.offset :]:
                    if len(part) + len(entry) + 1 > MAX_DATA:
                        break
                    part += entry + b"\0"
                return _ack(asked, part) if part else _nak(asked, FtpError.END_OF_FILE)
            case Opcode.OPEN_FILE_RO:
                if path not in self._files:
                    return _nak(asked, FtpError.FILE_NOT_FOUND)
                self._open = self._files[path]
                return _ack(asked, (len(self._open) + self._more).to_bytes(4, "little"))
            case Opcode.READ_FILE:
                data = self._open[asked.offset : asked.offset + asked.size]
                return _ack(asked, data) if data else _nak(asked, FtpError.END_OF_FILE)
            case Opcode.CALC_FILE_CRC32 if self._crc:
                return _ack(asked, file_crc32(self._files[path]).to_bytes(4, "little"))
            case _:
                return _nak(asked, FtpError.UNKNOWN_COMMAND)

    def _bursting(self, asked: FtpPayload) -> list[FtpPayload]:
        said: list[FtpPayload] = []
        offset = asked.offset
        while offset < len(self._open) and len(said) < self._burst:
            data = self._open[offset : offset + MAX_DATA]
            last = len(said) == self._burst - 1
            said.append(_ack(asked, data, offset, complete=last))
            offset += len(data)
        if offset >= len(self._open):
            said.append(_nak(asked, FtpError.END_OF_FILE))
        return said


def _ack(
    asked: FtpPayload, data: bytes, offset: int | None = None, complete: bool = False
) -> FtpPayload:
    return FtpPayload(
        asked.seq + 1, 5, Opcode.ACK, asked.offset if offset is None else offset, data, len(data),
        asked.opcode, complete,
    )  # fmt: skip


def _nak(asked: FtpPayload, error: int) -> FtpPayload:
    return FtpPayload(asked.seq + 1, 5, Opcode.NAK, asked.offset, bytes([error]), 1, asked.opcode)


def content(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


@settings(max_examples=25)
@given(
    size=st.sampled_from([0, 1, MAX_DATA, MAX_DATA + 1, 5 * MAX_DATA, 20_000]),
    loss=st.sampled_from([0.0, 0.1, 0.3]),
    burst=st.sampled_from([1, 7, 1_000]),
    more_bytes=st.sampled_from([0, 1, 900]),
    seed=st.integers(0, 10_000),
)
def test_a_file_comes_whole_whatever_gets_lost(
    size: int, loss: float, burst: int, more_bytes: int, seed: int
) -> None:
    data = content(size)
    model = ModelFiles({"/a.bin": data}, burst, more_bytes)
    reading = FtpRead(VEHICLE, AUTOPILOT, "/a.bin")
    result, _ = play(reading, model, random.Random(seed), loss)
    assert result == FtpDone(data, checked=True)
    assert reading.progress == (size, size)


def test_a_vehicle_that_reckons_no_checksum_is_believed_but_said_so() -> None:
    model = ModelFiles({"a": b"x" * 500}, crc=False)
    result, _ = play(FtpRead(VEHICLE, AUTOPILOT, "a"), model, random.Random(1), 0.0)
    assert result == FtpDone(b"x" * 500, checked=False)


def test_a_damaged_file_is_told() -> None:
    class Lying(ModelFiles):
        def _answer(self, asked: FtpPayload) -> FtpPayload:
            if asked.opcode == Opcode.CALC_FILE_CRC32:
                return _ack(asked, b"\1\2\3\4")
            return super()._answer(asked)

    result, _ = play(
        FtpRead(VEHICLE, AUTOPILOT, "a"), Lying({"a": content(700)}), random.Random(1), 0.0
    )
    assert isinstance(result, FtpFailed)
    assert result.code == "damaged"


def test_the_checksum_is_the_autopilots_own() -> None:
    # crc_crc32 of AP_Math/crc.cpp: begun at 0, not inverted.
    table = [0] * 256
    for number in range(256):
        value = number
        for _ in range(8):
            value = (value >> 1) ^ (0xEDB8_8320 if value & 1 else 0)
        table[number] = value
    crc = 0
    for byte in content(300):
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    assert file_crc32(content(300)) == crc


def test_refusals_and_silence_are_told() -> None:
    result, _ = play(FtpRead(VEHICLE, AUTOPILOT, "no"), ModelFiles({}), random.Random(1), 0.0)
    assert result == FtpFailed("refused", "OPEN_FILE_RO: FILE_NOT_FOUND")
    result, _ = play(
        FtpRead(VEHICLE, AUTOPILOT, "a", most_bytes=99),
        ModelFiles({"a": bytes(100)}),
        random.Random(1),
        0.0,
    )
    assert isinstance(result, FtpFailed)
    assert result.code == "too_large"
    result, took_s = play(FtpRead(VEHICLE, AUTOPILOT, "a"), ModelFiles({}), random.Random(1), 1.0)
    assert isinstance(result, FtpFailed)
    assert result.code == "timeout"
    assert 10 <= took_s < 11
    for path in ("", "a\0b", "x" * 300):
        with pytest.raises(ValueError, match="a path has"):
            FtpList(VEHICLE, AUTOPILOT, path)


@settings(max_examples=20)
@given(count=st.integers(0, 60), loss=st.sampled_from([0.0, 0.3]), seed=st.integers(0, 10_000))
def test_a_directory_is_listed_whole(count: int, loss: float, seed: int) -> None:
    files = {f"{i:08d}.BIN": bytes(i) for i in range(count)}
    result, _ = play(
        FtpList(VEHICLE, AUTOPILOT, "/APM/LOGS"), ModelFiles(files), random.Random(seed), loss
    )
    expected = [FtpEntry("logs", None), *(FtpEntry(n, len(d)) for n, d in files.items())]
    assert result == FtpEntries(tuple(expected))


@settings(max_examples=150)
@given(
    st.lists(
        st.builds(
            FtpPayload,
            st.integers(0, 9),
            st.sampled_from([0, 5]),
            st.sampled_from([128, 129, 7]),
            st.sampled_from([0, 100, 239, 2**32 - 1]),
            st.binary(max_size=20),
            st.integers(0, 255),
            st.sampled_from([3, 4, 5, 14, 15]),
            st.booleans(),
        ),
        max_size=40,
    ),
    st.booleans(),
)
def test_hostile_answers_end_it_or_change_nothing(said: list[FtpPayload], listing: bool) -> None:
    kind = FtpList if listing else FtpRead
    client = kind(VEHICLE, AUTOPILOT, "a")
    ends = 0
    for step, answer in enumerate(said):
        ends += len(client.poll(step / 5)[1])
        ends += len(client.receive(vehicle.says(answer.message(255, 190)), step / 5)[1])
    assert ends <= 1
