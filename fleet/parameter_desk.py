"""The parameters of one aircraft: read whole, kept while it stays on, set and confirmed."""

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from field_api.contract.ids import new_id
from field_api.contract.messages import (
    Command,
    LinkState,
    OnboardWork,
    ParameterChange,
    ParameterReport,
    ParametersChanged,
    ParameterTold,
    SetParameters,
    VehicleState,
)
from fleet.errands import Errands
from fleet.mavlink import Message
from fleet.parameter_rules import faults, marked
from fleet.parameter_store import KeptParameters, ParameterStore
from fleet.protocol.parameter import is_value_of
from fleet.protocol.parameter_fetch import NO_INDEX, ParameterFetch, Parameters
from fleet.protocol.parameter_value import ParameterValue
from fleet.reports import Reports
from fleet.vehicle import RefusedError, Vehicle
from mission_plans.formats.parameter_file import as_float32

__all__ = ["Autopilot", "ParameterDesk"]

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,15}")
BOOT_SLACK_MS = 10_000
TELL_AFTER_S = 2.0
"""What others change is told together, not one by one."""
MORE_ROUNDS = 2
"""Of the protocol's three tries: where a third is lost both ways they all fail once in eight."""
FENCES = ("FENCE_", "GF_")
MOST_SAID = 8
"""Of parameters named in an answer; the report and the trail name all."""
LEAST_REASON = 10
"""Characters of a reason that says something."""


@dataclass(frozen=True, slots=True)
class Autopilot:
    """Which autopilot it is, and since when it has been on."""

    hardware: str = ""
    boot_ms: int | None = None
    restarts: int = 0


class _Fetching:
    """A fetch with the face of an errand; it never sends on receipt."""

    def __init__(self, fetch: ParameterFetch) -> None:
        self.fetch = fetch

    @property
    def finished(self) -> bool:
        return self.fetch.finished

    def receive(self, message: Message, now_s: float) -> tuple[list[Message], Sequence[Parameters]]:
        return [], self.fetch.receive(message, now_s)

    def poll(self, now_s: float) -> tuple[list[Message], Sequence[Parameters]]:
        return self.fetch.poll(now_s)


def _told(values: Iterable[ParameterValue]) -> list[ParameterTold]:
    """Return what can be told: names and numbers that a parameter can have."""
    found: list[ParameterTold] = []
    for value in values:
        try:
            as_float32(value.value)
        except ValueError:
            continue
        if NAME.fullmatch(value.name):
            found.append(ParameterTold(name=value.name, value=value.value, kind=value.kind))
    return found


class ParameterDesk:
    """What is known of one aircraft's parameters, and orders about them."""

    def __init__(
        self,
        vehicle: Vehicle,
        errands: Errands,
        store: ParameterStore,
        reports: Reports,
        state: Callable[[], VehicleState],
        autopilot: Callable[[], Autopilot],
        now_ms: Callable[[], int],
    ) -> None:
        """Prepare the desk; see `Onboard`."""
        self._vehicle = vehicle
        self._errands = errands
        self._store = store
        self._reports = reports
        self._state = state
        self._autopilot = autopilot
        self._now_ms = now_ms
        self._kept = store.load(vehicle.vehicle_id)
        self._kept_restarts: int | None = None
        """Restarts of the aircraft when it was read; None for what comes from the disk."""
        self._values = {value.name: value for value in self._kept.values} if self._kept else {}
        self._fetch: ParameterFetch | None = None
        self._fetch_lock = asyncio.Lock()
        self._set_lock = asyncio.Lock()
        self._changed: set[str] = set()
        """Names whose newer values were heard and are not told yet."""
        self._tell_s: float | None = None

    # --- called by the node -----------------------------------------------------------------

    @property
    def work(self) -> OnboardWork | None:
        """How far a fetch is."""
        if self._fetch is None:
            return None
        came, count = self._fetch.progress
        return OnboardWork(work="parameters", fraction=min(1.0, came / count) if count else None)

    def receive(self, message: Message, now_s: float) -> None:
        """Take in what the aircraft says; what anybody set is known from then on."""
        vehicle = self._vehicle
        if not is_value_of(message, vehicle.system, vehicle.component):
            return
        value = ParameterValue.of(message, bytewise=self._vehicle.autopilot.bytewise)
        known = self._values.get(value.name)
        if known is None or (message.param_index != NO_INDEX and self._fetch is not None):
            return
        for told in _told([value]):
            if told.value != known.value:
                self._values[value.name] = told
                self._changed.add(value.name)
                self._tell_s = self._tell_s or now_s + TELL_AFTER_S

    def poll(self, now_s: float) -> None:
        """Tell what was changed, by whomever, once it has settled."""
        if self._tell_s is not None and now_s >= self._tell_s and self._fetch is None:
            self._tell_some(self._changed)
            self._changed, self._tell_s = set(), None

    # --- orders -----------------------------------------------------------------------------

    async def fetch(self, *, again: bool) -> str:
        """Read all, or tell what is known since the aircraft was switched on.

        Raises:
            RefusedError: the aircraft did not tell them.
        """
        async with self._fetch_lock:
            kept = self._kept
            if kept is not None and not again and not kept.missing and self._is_of_now(kept):
                self._tell_all(kept)
                count = len(kept.values)
                return f"{count} 个参数,已于通电后读取 / {count} parameters, read since it is on"
            return await self._fetch_all()

    async def read(self, name: str) -> str:
        """Read one anew.

        Raises:
            RefusedError: the aircraft did not answer within the protocol's tries.
        """
        self._refuse_unheard()
        value = await self._ask(name)
        if value is None or not (told := _told([value])):
            raise RefusedError(
                "unknown_parameter",
                f"{name}:没有回复,飞机没有这个参数或未收到 / no answer for {name}: "
                "the aircraft has no such parameter, or did not hear",
            )
        self._values[name] = told[0]
        self._tell_some([name])
        return f"{name} = {value.value:g}"

    async def set(self, command: Command, order: SetParameters) -> str:
        """Set parameters one by one, each confirmed.

        Raises:
            RefusedError: nothing was sent (`parameter_refused`, `in_flight`, `not_heard`), or one
                was not confirmed; the text says which were set before it.
        """
        async with self._set_lock:
            return await self._set_all(command, order)

    # --- inside -----------------------------------------------------------------------------

    async def _set_all(self, command: Command, order: SetParameters) -> str:
        self._refuse_unheard()
        self._refuse_in_flight(order)
        held: dict[str, ParameterValue] = {}
        for wish in order.values:
            value = await self._ask(wish.name)
            if value is not None and _told([value]):
                held[wish.name] = value
            else:
                self._refuse_unheard()
        if found := faults(order.values, held):
            zh = ";".join(f[0] for f in found[:MOST_SAID])
            en = "; ".join(f[1] for f in found[:MOST_SAID])
            raise RefusedError("parameter_refused", f"{zh} / {en}")
        changes: list[ParameterChange] = []
        try:
            for wish in order.values:
                self._refuse_unheard()
                self._refuse_in_flight(order)
                await self._set_one(wish.name, wish.value, held[wish.name], changes)
        except RefusedError as error:
            zh, slash, en = error.text.partition(" / ")
            names = [change.name for change in changes]
            done = ", ".join(names[:MOST_SAID]) + (" …" if len(names) > MOST_SAID else "") or "—"
            text = f"{zh};已改变:{done} / {en if slash else zh}; changed: {done}"
            raise RefusedError(error.code, text) from error
        finally:
            self._record(command, order, changes)
        return self._said(changes)

    async def _fetch_all(self) -> str:
        self._refuse_unheard()
        vehicle, before = self._vehicle, self._kept
        cached = None
        if before is not None and before.hash is not None:
            values = {v.name: ParameterValue(v.name, v.value, v.kind) for v in before.values}
            cached = Parameters(values, before.missing, before.hash)
        self._fetch = ParameterFetch(
            vehicle.system, vehicle.component, cached, bytewise=self._vehicle.autopilot.bytewise
        )
        try:
            read = await self._errands.run(_Fetching(self._fetch))
        finally:
            self._fetch = None
        told = _told(read.values.values())
        if not told:
            why = read.error or "it has none"
            raise RefusedError("parameters_unread", f"未读到参数 / no parameters read: {why}")
        autopilot = self._autopilot()
        kept = KeptParameters(
            hardware=autopilot.hardware,
            boot_ms=autopilot.boot_ms or 0,
            read_ms=self._now_ms(),
            missing=read.missing + len(read.values) - len(told),
            hash=read.hash,
            values=told,
        )
        self._kept, self._kept_restarts = kept, autopilot.restarts
        self._values = {value.name: value for value in told}
        self._changed, self._tell_s = set(), None
        self._store.save(vehicle.vehicle_id, kept)
        self._tell_all(kept)
        if kept.missing or read.error:
            why = read.error or "lost on the way"
            raise RefusedError(
                "parameters_incomplete",
                f"读到 {len(told)} 个,缺 {kept.missing} 个 / {len(told)} read, "
                f"{kept.missing} missing: {why}",
            )
        return f"{len(told)} 个参数 / {len(told)} parameters"

    def _is_of_now(self, kept: KeptParameters) -> bool:
        """Whether the aircraft has been on since it told these."""
        autopilot = self._autopilot()
        if not kept.hardware or kept.hardware != autopilot.hardware or autopilot.boot_ms is None:
            return False
        if self._kept_restarts is not None:
            return self._kept_restarts == autopilot.restarts
        return abs(kept.boot_ms - autopilot.boot_ms) <= BOOT_SLACK_MS

    async def _ask(self, name: str) -> ParameterValue | None:
        """Ask for one; a name that it is known to have is given up later."""
        value = await self._vehicle.ask_parameter(name)
        for _ in range(MORE_ROUNDS if name in self._values else 0):
            value = value or await self._vehicle.ask_parameter(name)
        return value

    async def _set_one(
        self, name: str, value: float, before: ParameterValue, changes: list[ParameterChange]
    ) -> None:
        wanted = as_float32(value)
        if wanted == before.value:
            return
        if name.startswith(FENCES):
            # Before it is sent: whatever comes back, it is no longer the fence that was confirmed.
            self._vehicle.fence_confirmed = False
        result = await self._vehicle.try_parameter(name, wanted, before.kind)
        for _ in range(MORE_ROUNDS):
            if result.value is None:
                result = await self._vehicle.try_parameter(name, wanted, before.kind)
        now = result.value
        if now is not None and now != before.value:
            changes.append(ParameterChange(name=name, kind=before.kind, old=before.value, new=now))
            self._values[name] = ParameterTold(name=name, value=now, kind=before.kind)
        if not result.confirmed:
            said_zh = "没有回复" if now is None else f"飞机的值是 {now:g}"
            said_en = "no answer" if now is None else f"it holds {now:g}"
            raise RefusedError(
                "parameter",
                f"{name} = {wanted:g} 未确认:{said_zh} / {name} = {wanted:g} not confirmed: "
                f"{said_en}",
            )

    def _said(self, changes: list[ParameterChange]) -> str:
        zh = [f"{c.name} {c.old:g} → {c.new:g}" for c in changes[:MOST_SAID]]
        if len(changes) > MOST_SAID:
            zh.append(f"… ({len(changes)})")
        en = list(zh)
        marks = self._vehicle.autopilot.marks
        for mark in {m.begins: m for c in changes if (m := marked(c.name, marks))}.values():
            zh.append(mark.text_zh)
            en.append(mark.text_en)
        if not changes:
            return "没有改变 / nothing changed"
        return f"{';'.join(zh)} / {'; '.join(en)}"

    def _record(
        self, command: Command, order: SetParameters, changes: list[ParameterChange]
    ) -> None:
        if not changes:
            return
        self._changed -= {change.name for change in changes}
        self._reports.tell(
            ParametersChanged(
                id=new_id(),
                t_ms=self._now_ms(),
                vehicle_id=self._vehicle.vehicle_id,
                command_id=command.id,
                author=command.author,
                reason=order.reason,
                in_flight=self._running(),
                changes=changes,
            )
        )

    def _tell_all(self, kept: KeptParameters) -> None:
        # What was set since then is newer.
        self._tell([*self._values.values()], kept.read_ms, missing=kept.missing)

    def _tell_some(self, names: Iterable[str]) -> None:
        values = [self._values[name] for name in sorted(names) if name in self._values]
        if values:
            self._tell(values, self._now_ms(), partial=True)

    def _tell(
        self, values: list[ParameterTold], read_ms: int, *, missing: int = 0, partial: bool = False
    ) -> None:
        self._reports.tell(
            ParameterReport(
                id=new_id(),
                t_ms=self._now_ms(),
                vehicle_id=self._vehicle.vehicle_id,
                read_ms=read_ms,
                partial=partial,
                missing=missing,
                hardware=self._autopilot().hardware,
                values=values,
                marks=[] if partial else list(self._vehicle.autopilot.marks),
            )
        )

    def _running(self) -> bool:
        return self._state().armed

    def _refuse_in_flight(self, order: SetParameters) -> None:
        if not self._running() or (order.in_flight and len(order.reason) >= LEAST_REASON):
            return
        raise RefusedError(
            "in_flight",
            "电机在转:飞行中改参数须另行确认并说明理由 / its motors run: in flight it takes a "
            "confirmation of its own and a reason",
        )

    def _refuse_unheard(self) -> None:
        if self._state().link is not LinkState.LIVE:
            raise RefusedError(
                "not_heard", "没有实时遥测,未发送 / no live telemetry: nothing was sent"
            )
