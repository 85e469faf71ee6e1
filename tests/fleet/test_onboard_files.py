"""Files and logs over the whole way, by FTP and by the older log messages."""

import json
from pathlib import Path
from typing import Any

import pytest
from pymavlink.DFReader import DFReader_binary

from field_api.contract.messages import (
    CommandOutcome,
    FetchFile,
    ListFiles,
    ParameterWish,
    SetParameters,
)
from tests.fleet.flight_line import FlightLine, flight_line

pytestmark = [pytest.mark.slow, pytest.mark.serial, pytest.mark.timeout(300)]
ID = "XS-U2"


def listed(line: FlightLine) -> dict[str, Any]:
    records = [json.loads(body) for body in line.post.bodies]
    return [r for r in sorted(records, key=lambda r: r["id"]) if r["kind"] == "file_listing"][-1]


def parameters_logged(folder: Path) -> dict[str, float]:
    (file,) = (folder / "fleet" / "files" / ID).iterdir()
    reader = DFReader_binary(str(file))
    found: dict[str, float] = {}
    while (message := reader.recv_match(type="PARM")) is not None:
        found[message.Name] = message.Value
    return found


async def test_a_log_comes_by_ftp_with_its_checksum(tmp_path: Path) -> None:
    async with flight_line("simulated", tmp_path, radio_between=True) as line:
        await line.until(lambda s: s.prearm_ok)
        assert (await line.order(ListFiles(vehicle_id=ID))).outcome is CommandOutcome.DONE
        assert listed(line)["entries"] == [{"name": "APM", "size": None}]
        await line.order(ListFiles(vehicle_id=ID, path="/APM/LOGS"))
        assert {e["name"] for e in listed(line)["entries"]} == {"00000001.BIN", "LASTLOG.TXT"}
        assert line.radio is not None
        line.radio.faults.loss = 0.2
        done = await line.order(FetchFile(vehicle_id=ID, path="/APM/LOGS/00000001.BIN"), 200)
        assert done.outcome is CommandOutcome.DONE, done.text
        assert "checksum right" in done.text
        assert parameters_logged(tmp_path)["SYSID_THISMAV"] == 2
        line.radio.faults.loss = 0.0
        for path, code in (("/NO/SUCH", "file_refused"), ("@LOG/00000009.BIN", "file_missing")):
            failed = await line.order(FetchFile(vehicle_id=ID, path=path))
            assert (failed.outcome, failed.code) == (CommandOutcome.FAILED, code)


@pytest.mark.parametrize("kind", ["simulated", "arducopter"])
async def test_a_log_comes_by_the_older_messages_where_there_is_no_ftp(
    kind: str, tmp_path: Path
) -> None:
    async with flight_line(kind, tmp_path, ftp=False) as line:
        await line.until(lambda s: s.prearm_ok, within_s=120)
        wish = ParameterWish(name="LOG_DISARMED", value=1)
        set_ = await line.order(SetParameters(vehicle_id=ID, values=[wish]))
        assert set_.outcome is CommandOutcome.DONE, set_.text
        entries: list[dict[str, Any]] = []
        # What has FTP gives its logs either way.
        where = "/" if kind == "simulated" else "@LOG"
        while not entries or entries[-1]["size"] < 20_000:  # It grows while it is being written.
            assert (
                await line.order(ListFiles(vehicle_id=ID, path=where))
            ).outcome is CommandOutcome.DONE
            assert listed(line)["path"] == "@LOG"
            entries = listed(line)["entries"]
        stop = ParameterWish(name="LOG_DISARMED", value=0)
        await line.order(SetParameters(vehicle_id=ID, values=[stop]))
        path = f"@LOG/{entries[-1]['name']}"
        done = await line.order(FetchFile(vehicle_id=ID, path=path), within_s=200)
        assert done.outcome is CommandOutcome.DONE, done.text
        assert parameters_logged(tmp_path)["SYSID_THISMAV"] == 2
        events = [json.loads(b) for b in line.post.bodies]
        assert any(e.get("code") == "file_fetched" for e in events)


async def test_a_real_ardupilots_files_come_by_ftp(tmp_path: Path) -> None:
    async with flight_line("arducopter", tmp_path) as line:
        await line.until(lambda s: s.prearm_ok, within_s=120)
        # SITL serves the folder it runs in.
        done = await line.order(ListFiles(vehicle_id=ID, path="logs"))
        assert done.outcome is CommandOutcome.DONE, done.text
        done = await line.order(FetchFile(vehicle_id=ID, path="eeprom.bin"))
        assert done.outcome is CommandOutcome.DONE, done.text
        (file,) = (tmp_path / "fleet" / "files" / ID).iterdir()
        assert file.read_bytes().startswith(b"PA")
