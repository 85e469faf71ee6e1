"""Files and flight logs of one aircraft: listed, and downloaded to the node's disk.

By MAVLink FTP where the autopilot has it, else its logs by the older log messages; these stand
under `@LOG`. https://mavlink.io/en/services/ftp.html
"""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

from field_api.contract.ids import new_id
from field_api.contract.messages import (
    FileEntry,
    FileListing,
    LinkState,
    OnboardWork,
    VehicleState,
)
from fleet.errands import Errands
from fleet.mavlink import dialect
from fleet.protocol.ftp import FtpDone, FtpEntries, FtpFailed, FtpList, FtpRead
from fleet.protocol.log_download import LogDone, LogEntries, LogEntry, LogFailed, LogList, LogRead
from fleet.reports import Reports
from fleet.vehicle import RefusedError, Vehicle

__all__ = ["LOGS", "FileDesk"]

LOGS = "@LOG"
FTP = dialect.MAV_PROTOCOL_CAPABILITY_FTP
IN_FLIGHT_BYTES = 64 * 1024
"""A larger file takes bandwidth that the flight needs: in the air it must be confirmed."""
MOST_TOLD = 2000
RESUMES = 5
LINK_BACK_S = 120.0
_LOG_NAME = re.compile(r"@LOG/0*([0-9]{1,5})\.BIN")


class FileDesk:
    """What is asked for of one aircraft's files."""

    def __init__(
        self,
        vehicle: Vehicle,
        errands: Errands,
        folder: Path,
        reports: Reports,
        state: Callable[[], VehicleState],
        capabilities: Callable[[], int | None],
        now_ms: Callable[[], int],
    ) -> None:
        """Prepare the desk; files come into `folder`."""
        self._vehicle = vehicle
        self._errands = errands
        self._folder = folder
        self._reports = reports
        self._state = state
        self._capabilities = capabilities
        self._now_ms = now_ms
        self._reading: FtpRead | LogRead | None = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def work(self) -> OnboardWork | None:
        """How far a download is."""
        if self._reading is None:
            return None
        came, size = self._reading.progress
        fraction = min(1.0, max(0.0, came / size)) if size else None
        return OnboardWork(work="files", fraction=fraction)

    async def list(self, path: str) -> str:
        """List a directory; a `FileListing` is told.

        Raises:
            RefusedError: there is no such directory, or no answer.
        """
        async with self._one_at_a_time:
            self._refuse_unheard()
            if path.rstrip("/") == LOGS or not self._has_ftp():
                path = LOGS
                logs = await self._logs()
                entries = [FileEntry(name=_name(log), size=log.size) for log in logs]
            else:
                found = await self._errands.run(self._ftp_list(path))
                if not isinstance(found, FtpEntries):
                    raise _refused(found)
                entries = [
                    FileEntry(name=entry.name[:120], size=entry.size) for entry in found.entries
                ]
        self._reports.tell(
            FileListing(
                id=new_id(),
                t_ms=self._now_ms(),
                vehicle_id=self._vehicle.vehicle_id,
                path=path,
                entries=entries[:MOST_TOLD],
            )
        )
        return f"{path}:{len(entries)} 项 / {path}: {len(entries)} entries"

    async def fetch(self, path: str, *, confirmed: bool) -> str:
        """Download a file into the node's folder; where it is stands in the answer and an event.

        Raises:
            RefusedError: it is not there, too large to be read in flight, or did not come whole.
        """
        async with self._one_at_a_time:
            self._refuse_unheard()
            number = _LOG_NAME.fullmatch(path)
            if number is not None:
                data, checked = await self._log(int(number[1])), False
            else:
                data, checked = await self._file(path, confirmed=confirmed)
        kept = self._keep(path, data)
        name = self._vehicle.vehicle_id
        zh = f"{path}({len(data)} 字节{',校验一致' if checked else ''})已存于节点 {kept}"
        proof = ", checksum right" if checked else ""
        en = f"{path} ({len(data)} bytes{proof}) is on the node in {kept}"
        self._reports.event(name, "info", "file_fetched", zh, en, "P4")
        return f"{zh} / {en}"

    # --- inside -----------------------------------------------------------------------------

    def _has_ftp(self) -> bool:
        capabilities = self._capabilities()
        return capabilities is None or bool(capabilities & FTP)

    def _ftp_list(self, path: str) -> FtpList:
        try:
            return FtpList(self._vehicle.system, self._vehicle.component, path)
        except ValueError as error:
            raise RefusedError("file_path", f"路径不可用 / {error}") from error

    async def _logs(self) -> tuple[LogEntry, ...]:
        self._refuse_armed()
        found = await self._errands.run(LogList(self._vehicle.system, self._vehicle.component))
        if not isinstance(found, LogEntries):
            raise _refused(found)
        return tuple(found.entries)

    async def _log(self, number: int) -> bytes:
        entry = next((log for log in await self._logs() if log.number == number), None)
        if entry is None:
            raise RefusedError("file_missing", f"没有日志 {number} / there is no log {number}")
        try:
            machine = LogRead(self._vehicle.system, self._vehicle.component, entry)
        except ValueError as error:
            raise RefusedError("file_too_large", f"日志太大 / {error}") from error
        done = await self._read_whole(machine)
        if not isinstance(done, LogDone):
            raise _refused(done)
        return done.data

    async def _file(self, path: str, *, confirmed: bool) -> tuple[bytes, bool]:
        vehicle = self._vehicle
        held_back = self._state().armed and not confirmed
        most = {"most_bytes": IN_FLIGHT_BYTES} if held_back else {}
        try:
            machine = FtpRead(vehicle.system, vehicle.component, path, **most)
        except ValueError as error:
            raise RefusedError("file_path", f"路径不可用 / {error}") from error
        done = await self._read_whole(machine)
        if not isinstance(done, FtpDone):
            too_large = isinstance(done, FtpFailed) and done.code == "too_large"
            if held_back and too_large:
                raise RefusedError(
                    "in_flight",
                    "电机在转:大文件会占用飞行所需的链路,须另行确认 / its motors run: a large file "
                    "takes the bandwidth that the flight needs; confirm it",
                )
            raise _refused(done)
        return done.data, done.checked

    async def _read_whole(
        self, machine: FtpRead | LogRead
    ) -> FtpEntries | FtpDone | FtpFailed | LogEntries | LogDone | LogFailed:
        """Read; where the link broke off go on from what has come once it is back."""
        self._reading = machine
        try:
            for _ in range(RESUMES):
                ended = await self._errands.run(machine)
                if not (isinstance(ended, FtpFailed | LogFailed) and ended.code == "timeout"):
                    return ended
                await self._vehicle.wait_for(
                    lambda _: self._state().link is LinkState.LIVE, LINK_BACK_S, "telemetry"
                )
                machine.resume()
            return await self._errands.run(machine)
        finally:
            self._reading = None

    def _keep(self, path: str, data: bytes) -> Path:
        last = path.rstrip("/").rpartition("/")[2]
        safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in last)
        kept = self._folder / f"{self._now_ms()}-{safe.lstrip('.')[-80:] or 'file'}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(data)
        except OSError as error:
            why = error.strerror or "?"
            raise RefusedError(
                "disk", f"节点磁盘不可写 / the node's disk refused: {why}"
            ) from error
        return kept

    def _refuse_unheard(self) -> None:
        if self._state().link is not LinkState.LIVE:
            raise RefusedError(
                "not_heard", "没有实时遥测,未发送 / no live telemetry: nothing was sent"
            )

    def _refuse_armed(self) -> None:
        if self._state().armed:
            raise RefusedError(
                "in_flight",
                "电机在转:飞机此时不给日志 / its motors run: it gives no logs then",
            )


def _name(log: LogEntry) -> str:
    return f"{log.number:08}.BIN"


def _refused(ended: object) -> RefusedError:
    code = getattr(ended, "code", "refused")
    text = getattr(ended, "text", str(ended))
    return RefusedError(f"file_{code}", f"文件未取得 / {text}")
