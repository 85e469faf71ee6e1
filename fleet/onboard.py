"""What is asked of an aircraft's computer besides flying: its parameters, its files."""

from collections.abc import Callable
from pathlib import Path

from field_api.contract.messages import (
    Command,
    CommandOutcome,
    FetchFile,
    FetchParameters,
    LinkState,
    ListFiles,
    OnboardBody,
    OnboardWork,
    ReadParameter,
    RemoteIdState,
    SetParameters,
    VehicleState,
)
from fleet.config import RemoteIdConfig
from fleet.errands import Errands
from fleet.file_desk import FileDesk
from fleet.mavlink import Message
from fleet.names import file_name
from fleet.parameter_desk import Autopilot, ParameterDesk
from fleet.parameter_store import ParameterStore
from fleet.protocol.remote_id import RemoteId, RemoteIdentity
from fleet.protocol.timesync import ClockOffset, TimeSync
from fleet.reports import Reports
from fleet.vehicle import Vehicle

__all__ = ["Onboard"]


class Onboard:
    """The services of one aircraft; the node feeds and polls them."""

    def __init__(
        self,
        vehicle: Vehicle,
        send: Callable[[Message], None],
        data_dir: Path,
        reports: Reports,
        state: Callable[[], VehicleState],
        clock_ns: Callable[[], int],
        now_ms: Callable[[], int],
        remote_id: RemoteIdConfig | None = None,
        pace: float = 1.0,
    ) -> None:
        """Prepare the services.

        Args:
            vehicle: the aircraft.
            send: to exactly this aircraft.
            data_dir: of the node.
            reports: what is told to the command post.
            state: its present snapshot.
            clock_ns: this machine's UTC, which never goes back.
            now_ms: UTC by the command post's clock.
            remote_id: what the aircraft broadcasts of itself.
            pace: how much faster than real time its clock runs.
        """
        self._vehicle = vehicle
        self._reports = reports
        self._now_ms = now_ms
        self._hardware = ""
        self._boot_ms: int | None = None
        self._capabilities: int | None = None
        self._send = send
        self._clock_ns = clock_ns
        self._timesync = TimeSync(vehicle.system, vehicle.component)
        self._broadcast = remote_id
        self._remote_id = None
        if remote_id is not None:
            identity = RemoteIdentity(
                remote_id.operator_id,
                remote_id.serial,
                remote_id.registration,
                remote_id.description,
            )
            self._remote_id = RemoteId(vehicle.system, identity, pace)
        self._errands = Errands(send)
        self.parameters = ParameterDesk(
            vehicle,
            self._errands,
            ParameterStore(data_dir / "parameters"),
            reports,
            state,
            self._autopilot,
            now_ms,
        )
        self.files = FileDesk(
            vehicle,
            self._errands,
            data_dir / "files" / file_name(vehicle.vehicle_id),
            reports,
            state,
            lambda: self._capabilities,
            now_ms,
        )

    @property
    def work(self) -> OnboardWork | None:
        """What is being read now."""
        return self.parameters.work or self.files.work

    @property
    def clock(self) -> ClockOffset | None:
        """How far its clock is from ours; None before it answered."""
        return self._timesync.offset

    def remote_id(self, now_s: float) -> RemoteIdState | None:
        """Return whether it broadcasts who and where it is."""
        if self._remote_id is None or self._broadcast is None:
            return None
        ready, text = self._remote_id.readiness(now_s) or (
            False,
            "没有听到模块 / no module was heard",
        )
        return RemoteIdState(
            state="broadcasting" if ready else "not_ready",
            text=text,
            required=self._broadcast.required,
        )

    def receive(self, message: Message, now_s: float) -> None:
        """Take in one message of this aircraft's system."""
        if message.get_srcComponent() == self._vehicle.component:
            if message.get_type() == "AUTOPILOT_VERSION":
                self._hardware = _hardware(message)
                self._capabilities = int(message.capabilities)
            boot_ms = getattr(message, "time_boot_ms", None)
            if boot_ms:
                self._boot_ms = self._now_ms() - int(boot_ms)
        self._timesync.receive(message, self._clock_ns())
        if self._remote_id is not None:
            self._remote_id.receive(message, now_s)
        self.parameters.receive(message, now_s)
        self._errands.receive(message, now_s)

    def poll(self, now_s: float) -> None:
        """Send what is due."""
        if self._vehicle.presence.state(now_s) is LinkState.LIVE:
            for question in self._timesync.poll(now_s, self._clock_ns()):
                self._send(question)
            if self._remote_id is not None:
                utc_s, home = self._now_ms() / 1000, self._vehicle.telemetry.home
                for piece in self._remote_id.poll(now_s, utc_s, home):
                    self._send(piece)
        self._errands.poll(now_s)
        self.parameters.poll(now_s)

    async def carry_out(self, command: Command, body: OnboardBody) -> str:
        """Do what the command says; return what else is worth saying, in both languages.

        Raises:
            RefusedError: refused, or the aircraft did not do it.
        """
        # It may take minutes: that it has begun is told at once.
        self._reports.answer(command, CommandOutcome.ACCEPTED, "", "")
        match body:
            case FetchParameters():
                return await self.parameters.fetch(again=body.again)
            case ReadParameter():
                return await self.parameters.read(body.name)
            case SetParameters():
                return await self.parameters.set(command, body)
            case ListFiles():
                return await self.files.list(body.path)
            case FetchFile():
                return await self.files.fetch(body.path, confirmed=body.in_flight)

    def _autopilot(self) -> Autopilot:
        return Autopilot(self._hardware, self._boot_ms, self._vehicle.restarts)


def _hardware(message: Message) -> str:
    uid2 = bytes(message.uid2)
    return uid2.hex() if any(uid2) else f"{message.uid:x}" if message.uid else ""
