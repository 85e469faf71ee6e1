"""Reliefs: looks at every watched place once a second and orders what is due there."""

import structlog
from sqlmodel import col, select

from field_api.contract.ids import new_id
from field_api.contract.messages import (
    CommandBody,
    FlyTo,
    LinkState,
    PauseVehicle,
    ReturnVehicle,
    SortieState,
    VehicleState,
)
from field_api.core.audit.trail import name_of
from field_api.core.change import Change
from field_api.core.errors import ApiError
from field_api.core.roles import SYSTEM, Actor
from field_api.core.services import Services
from field_api.core.texts import both
from field_api.features.flights.airspace import fences_on_board
from field_api.features.flights.departures import keep_on_ground
from field_api.features.flights.heard import newest_state
from field_api.features.flights.leaving_watch import forget_relief
from field_api.features.flights.orders import (
    note_launch,
    order_upload,
    refuse_busy_vehicles,
    send_order,
)
from field_api.features.flights.return_layers import layers_for
from field_api.features.flights.station_rules import First, Relief, Step, lead_s, next_step
from field_api.features.flights.stations import spot, unflown_sortie
from field_api.features.flights.tables import (
    CommandRecord,
    CommandState,
    SortieRecord,
    Station,
    StationState,
    VehicleEventRecord,
)
from field_api.features.incidents.tables import Incident, IncidentState
from field_api.features.plans.records import plan_view
from field_api.features.plans.tables import PlanState
from field_api.features.roster.tables import Vehicle
from mission_plans.ground.geodesy import distance_m
from mission_plans.values.plan import GeoPoint

__all__ = ["relieve_due"]

log = structlog.get_logger(__name__)

FRESH_MS = 5_000
THERE_M = 10.0
THERE_HEIGHT_M = 8.0
FLYING_AGL_M = 25.0
MOVED_MS = 30_000
"""A time that has moved by less is not told anew."""
AGAIN_MS = 3_000
_ENDED_BADLY = (CommandState.REFUSED, CommandState.FAILED, CommandState.UNANSWERED)


def relieve_due(ctx: Services) -> int:
    """Do what is due at the watched places; return at how many something was done."""
    watched = select(Station.id).where(col(Station.state) != StationState.OVER)
    with ctx.store.read() as session:
        ids = session.exec(watched).all()
    done = 0
    for station_id in ids:
        try:
            with ctx.store.change(SYSTEM) as change:
                row = change.session.get(Station, station_id)
                if row is not None and row.state is not StationState.OVER:
                    done += _Look(ctx, change, row).do()
        except Exception:
            # One place that can't be looked at must not leave the others without relief.
            log.exception("relief", station_id=station_id)
    return done


class _Look:
    """One look at one place, in one transaction."""

    def __init__(self, ctx: Services, change: Change, row: Station) -> None:
        self._ctx = ctx
        self._change = change
        self._row = row
        self._relief_id = row.reliefs[0] if row.reliefs else None
        self._lead: float | None = None

    def do(self) -> bool:
        row = self._row
        incident = self._change.session.get(Incident, row.incident_id)
        closed = incident is None or incident.state is IncidentState.CLOSED
        if closed or row.state is StationState.ENDING:
            self._end()
            return True
        order = self._change.session.get(CommandRecord, row.order_id)
        if order is None or order.state in _ENDED_BADLY:
            self._put().state = StationState.OVER
            self._alarm("refused", row.vehicle_id)
            return True
        first, relief = self._first(order), self._relief()
        self._lead = self._lead_s()
        step = next_step(
            first,
            relief,
            self._lead,
            unwatched=row.unwatched_ms is not None,
            tries=row.relief_tries,
            warned=row.warned,
        )
        match step:
            case Step.WAIT:
                return self._note_times(first)
            case Step.SEND:
                self._send()
            case Step.LEAD_ON:
                return self._lead_on()
            case Step.RELIEVE:
                self._relieve(first)
            case Step.RELIEF_FAILED:
                self._relief_failed()
            case Step.GO_HOME:
                self._go_home()
            case Step.LEFT:
                self._put().unwatched_ms = self._change.t_ms
                self._alarm("left", row.vehicle_id)
            case Step.OVER:
                self._put().state = StationState.OVER
                self._alarm("over" if row.unwatched_ms is not None else "left", row.vehicle_id)
            case Step.WARN:
                self._put().warned = True
                self._alarm("nobody_next", row.vehicle_id, "caution")
        return True

    # --- what is known ------------------------------------------------------------------------

    def _fresh(self, vehicle_id: str) -> VehicleState | None:
        """Return an aircraft's state where its node tells of it now."""
        state = newest_state(self._ctx, vehicle_id)
        here = self._ctx.presence.node_for(vehicle_id) is not None
        return state if here else None

    def _first(self, order: CommandRecord) -> First:
        state = self._fresh(self._row.vehicle_id)
        if state is None:
            return First(known=False, leaving=False, spare_s=None)
        spare_s = None if state.minutes_left is None else state.minutes_left * 60
        if self._change.t_ms - state.t_ms > FRESH_MS:
            spare_s = None
        # Until it does what it was sent for, how it flew before says nothing.
        young = self._change.t_ms - order.issued_ms < FRESH_MS
        leaving = _leaving(state) and order.state is CommandState.DONE and not young
        there = self._is_at(state, spot(self._row), self._row.height_agl_m)
        return First(known=True, leaving=leaving, spare_s=spare_s, there=there)

    def _relief(self) -> Relief | None:
        row, change = self._row, self._change
        if row.relief_ordered_ms is None or row.relief_sortie_id is None or not self._relief_id:
            return None
        sortie = change.session.get(SortieRecord, row.relief_sortie_id)
        orders = change.session.exec(
            select(CommandRecord).where(
                CommandRecord.sortie_id == row.relief_sortie_id,
                col(CommandRecord.issued_ms) >= row.relief_ordered_ms,
            )
        ).all()
        state = self._fresh(self._relief_id)
        order = (
            change.session.get(CommandRecord, row.relief_order_id) if row.relief_order_id else None
        )
        up = sortie is not None and sortie.state in (SortieState.FLYING, SortieState.PAUSED)
        ended = sortie is None or sortie.state in (
            SortieState.RETURNING,
            SortieState.RETURNED,
            SortieState.FAILED,
            SortieState.REPLACED,
        )
        given_up = (
            sortie is not None
            and not sortie.start_when_uploaded
            and not any(one.action == "start_sortie" for one in orders)
        )
        refused = any(one.state in _ENDED_BADLY for one in orders)
        stale_failure = (
            sortie is not None
            and sortie.state is SortieState.FAILED
            and sortie.state_t_ms < row.relief_ordered_ms
        )
        lost = up and state is not None and state.link is LinkState.LOST
        fresh = state is not None and change.t_ms - state.t_ms <= FRESH_MS
        high = state is not None and (state.altitude_agl_m or 0.0) >= FLYING_AGL_M
        done = order is not None and order.state is CommandState.DONE
        return Relief(
            failed=(ended and not stale_failure) or given_up or refused or lost,
            # One that was held (by a guard) is not sent on: a person decides.
            flying=up and fresh and high and state is not None and state.mode == "AUTO",
            sent=order is not None and order.state not in _ENDED_BADLY,
            there=done and fresh and state is not None and self._is_there(state),
        )

    def _is_there(self, state: VehicleState) -> bool:
        return self._is_at(state, spot(self._row, other=True), self._row.other_height_agl_m)

    def _is_at(self, state: VehicleState, at: GeoPoint, height_agl_m: float) -> bool:
        if state.mode != "GUIDED" or state.link is not LinkState.LIVE:
            return False
        if state.lat_deg is None or state.lon_deg is None or state.altitude_agl_m is None:
            return False
        here = GeoPoint(lat_deg=state.lat_deg, lon_deg=state.lon_deg)
        level_m = distance_m(here, at)
        rise_m = abs(state.altitude_agl_m - height_agl_m)
        return level_m < THERE_M and rise_m < THERE_HEIGHT_M

    def _lead_s(self) -> float | None:
        if self._relief_id is None:
            return None
        vehicle = self._change.session.get(Vehicle, self._relief_id)
        if vehicle is None:
            return None
        state = newest_state(self._ctx, self._relief_id)
        first = newest_state(self._ctx, self._row.vehicle_id)
        here = vehicle.spec.launch
        climb_m = self._row.other_height_agl_m
        if state is not None and state.lat_deg is not None and state.lon_deg is not None:
            here = GeoPoint(lat_deg=state.lat_deg, lon_deg=state.lon_deg)
            if first is not None and None not in (first.altitude_amsl_m, state.altitude_amsl_m):
                rise_m = (first.altitude_amsl_m or 0.0) - (state.altitude_amsl_m or 0.0)
                climb_m = max(climb_m, rise_m)
        return lead_s(distance_m(here, spot(self._row, other=True)), climb_m, vehicle.spec)

    def _note_times(self, first: First) -> bool:
        """Keep when the first must turn home, and when the next one is sent, for people to see."""
        row, t_ms = self._row, self._change.t_ms
        turn_ms = None if first.spare_s is None else t_ms + round(first.spare_s * 1000)
        due_ms = None
        if turn_ms is not None and self._lead is not None and row.relief_ordered_ms is None:
            due_ms = turn_ms - round(self._lead * 1000)
        if turn_ms is None and row.turn_home_ms is not None:
            return False  # What was known last still says most.
        if not (_moved(turn_ms, row.turn_home_ms) or _moved(due_ms, row.relief_due_ms)):
            return False
        self._put()
        row.turn_home_ms, row.relief_due_ms = turn_ms, due_ms
        self._record("planned", row.vehicle_id, shown=False)
        return True

    # --- what is ordered ------------------------------------------------------------------------

    def _order(self, vehicle_id: str, body: CommandBody) -> CommandRecord | None:
        node_id = self._ctx.presence.node_for(vehicle_id)
        if node_id is None:
            return None
        row = self._row
        return send_order(
            self._ctx,
            self._change,
            body,
            node_id=node_id,
            author=row.author,
            area=row.area,
            incident_id=row.incident_id,
        )

    def _send(self) -> None:
        """Order the next one's upload; its take-off follows by itself, as at any launch."""
        ctx, change, row, relief_id = self._ctx, self._change, self._row, self._relief_id
        assert relief_id is not None
        found = unflown_sortie(change.session, row.incident_id, relief_id)
        if found is None or ctx.presence.node_for(relief_id) is None:
            self._relief_failed()
            return
        sortie, record = found
        try:
            refuse_busy_vehicles(change.session, record.id, {relief_id})
        except ApiError:
            self._relief_failed()
            return
        view = plan_view(change.session, record, change.t_ms)
        layer = layers_for(ctx, change.session, view.plan, [sortie]).get(sortie.id)
        author = Actor(row.author, name_of(change.session, row.author), "command post")
        change.put(sortie)
        sortie.start_due_ms = change.t_ms
        fences = fences_on_board(view.plan)
        # No rally points: those of another plan's aircraft may be the same, and nobody keeps the
        # two apart over one. It comes home to its launch point, on its own layer.
        order_upload(ctx, change, sortie, record, view.plan, fences, [], layer, author)
        if record.state is not PlanState.LAUNCHED:
            note_launch(change, record, author)
        self._put()
        row.relief_sortie_id, row.relief_ordered_ms = sortie.id, change.t_ms
        row.relief_order_id, row.relief_tries, row.relief_due_ms = None, 0, None
        self._record("relief_sent", relief_id, first=row.vehicle_id)

    def _lead_on(self) -> bool:
        row, change = self._row, self._change
        assert self._relief_id is not None
        before = (
            change.session.get(CommandRecord, row.relief_order_id) if row.relief_order_id else None
        )
        if before is not None and change.t_ms - before.issued_ms < AGAIN_MS:
            return False
        order = FlyTo(
            vehicle_id=self._relief_id,
            place=spot(row, other=True),
            height_agl_m=row.other_height_agl_m,
            watch=row.place,
        )
        sent = self._order(self._relief_id, order)
        if sent is None:
            return False
        self._put()
        row.relief_order_id, row.relief_tries = sent.id, row.relief_tries + 1
        self._record("relief_led", self._relief_id, shown=before is None)
        return True

    def _relieve(self, first: First) -> None:
        row, old_id = self._row, self._row.vehicle_id
        assert self._relief_id is not None
        # Who has left already is not ordered anything: it may have been sent elsewhere by now.
        if row.unwatched_ms is None and not (first.known and first.leaving):
            self._order(old_id, ReturnVehicle(vehicle_id=old_id))
        self._put()
        row.vehicle_id, row.reliefs = self._relief_id, row.reliefs[1:]
        row.bearing_deg = (row.bearing_deg + 180.0) % 360
        row.height_agl_m, row.other_height_agl_m = row.other_height_agl_m, row.height_agl_m
        row.unwatched_ms = row.turn_home_ms = row.relief_due_ms = None
        row.warned = False
        forget_relief(row)
        self._record("relieved", row.vehicle_id, first=old_id)

    def _relief_failed(self) -> None:
        """Give this relief up; the next one of the list, if there is one, is sent instead."""
        row, relief_id = self._row, self._relief_id
        assert relief_id is not None
        self._call_off(relief_id, ReturnVehicle(vehicle_id=relief_id))
        self._put()
        row.reliefs = row.reliefs[1:]
        forget_relief(row)
        row.relief_due_ms, row.warned = None, not row.reliefs
        self._alarm("relief_failed", relief_id)

    def _go_home(self) -> None:
        row, vehicle_id = self._row, self._row.vehicle_id
        self._order(vehicle_id, ReturnVehicle(vehicle_id=vehicle_id))
        self._put()
        row.unwatched_ms = self._change.t_ms
        if row.relief_ordered_ms is None:
            row.state = StationState.OVER
        self._alarm("left", vehicle_id)

    def _end(self) -> None:
        """Call off who is on the way: it stays on the ground, or hovers where it is."""
        row, relief_id = self._row, self._relief_id
        if row.relief_ordered_ms is not None and relief_id is not None:
            self._call_off(relief_id, PauseVehicle(vehicle_id=relief_id))
            self._record("called_off", relief_id)
        self._put()
        row.state = StationState.OVER
        row.relief_due_ms = row.turn_home_ms = None
        self._record("over", row.vehicle_id)

    def _call_off(self, vehicle_id: str, stop: CommandBody) -> None:
        """Stop what was ordered of a relief, as far as it has come."""
        row = self._row
        if row.relief_ordered_ms is None or row.relief_sortie_id is None:
            return
        sortie = self._change.session.get(SortieRecord, row.relief_sortie_id)
        keep_on_ground(self._change, vehicle_id)
        started = sortie is not None and sortie.state in (
            SortieState.STARTING,
            SortieState.FLYING,
            SortieState.PAUSED,
        )
        waits = select(CommandRecord.id).where(
            CommandRecord.sortie_id == row.relief_sortie_id,
            col(CommandRecord.state).in_((CommandState.SENT, CommandState.ACCEPTED)),
        )
        waiting = self._change.session.exec(waits.limit(1)).first() is not None
        state = newest_state(self._ctx, vehicle_id)
        if (started and (state is None or not _leaving(state))) or waiting:
            # On the ground a hold cancels what waits; a return is for what has left it.
            self._order(vehicle_id, stop if started else PauseVehicle(vehicle_id=vehicle_id))

    # --- what is told -----------------------------------------------------------------------------

    def _put(self) -> Station:
        return self._change.put(self._row)

    def _record(self, what: str, vehicle_id: str, *, shown: bool = True, first: str = "") -> None:
        row = self._row
        self._change.record(
            f"station.{what}",
            row.id,
            incident_id=row.incident_id if shown else None,
            refs={"vehicle_id": vehicle_id},
            vehicle=vehicle_id,
            first=first,
        )

    def _alarm(self, what: str, vehicle_id: str, severity: str = "warning") -> None:
        self._record(what, vehicle_id)
        words = both(f"acts.station.{what}", vehicle=vehicle_id)
        self._change.create(
            VehicleEventRecord(
                id=new_id(),
                area=self._row.area,
                t_ms=self._change.t_ms,
                vehicle_id=vehicle_id,
                incident_id=self._row.incident_id,
                severity=severity,
                code=f"station_{what}",
                text_zh=words.zh,
                text_en=words.en,
                source="O11",
            )
        )


def _leaving(state: VehicleState) -> bool:
    """Whether an aircraft comes home, or is silent: then it comes home by itself."""
    ended = state.sortie_state in ("returning", "returned", "failed")
    return ended or state.mode in ("RTL", "SMART_RTL", "LAND") or state.link is LinkState.LOST


def _moved(new_ms: int | None, old_ms: int | None) -> bool:
    if new_ms is None or old_ms is None:
        return new_ms is not old_ms
    return abs(new_ms - old_ms) >= MOVED_MS
