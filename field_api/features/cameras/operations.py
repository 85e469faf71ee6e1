"""Taking and giving up an aircraft's camera, following a track, taking a picture."""

from field_api.contract.messages import TakePhoto
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.features.cameras.messages import PhotoBody, ReleaseCamera, TakeCamera, TrackBody
from field_api.features.cameras.permissions import CAMERA_CONTROL
from field_api.features.cameras.tables import CameraHold
from field_api.features.flights.orders import order_vehicle, ordered_before
from field_api.features.flights.tables import CommandRecord
from field_api.features.roster.tables import Vehicle

__all__ = ["PHOTO", "RELEASE", "TAKE", "TRACK", "refuse_other_holder"]


def refuse_other_holder(hold: CameraHold | None, person_id: str) -> None:
    """Let only who holds the camera go on.

    Raises:
        ApiError: 409, naming who holds it; or that nobody does.
    """
    if hold is None or hold.holder_id is None:
        raise refuse(409, "camera_not_held")
    if hold.holder_id != person_id:
        raise refuse(409, "camera_held", holder=hold.holder)


def _hold(change: Change, vehicle_id: str) -> CameraHold:
    """Return the camera's record, made when it is first asked for."""
    vehicle = change.get(Vehicle, vehicle_id)
    row = change.session.get(CameraHold, vehicle_id)
    if row is None:
        row = change.create(CameraHold(id=vehicle_id, area=vehicle.area))
    else:
        change.put(row)
    return row


def _take(call: Call[TakeCamera]) -> CameraHold:
    change, who = call.change, call.who.actor
    change.get(Vehicle, call.target)
    known = change.session.get(CameraHold, call.target)
    if known is not None and known.holder_id == who.id:
        return known
    if known is not None and known.holder_id is not None and not call.body.over:
        raise refuse(409, "camera_held", field="over", holder=known.holder)
    former = known.holder if known is not None and known.holder_id is not None else ""
    row = _hold(change, call.target)
    row.holder_id, row.holder, row.since_ms = who.id, who.name, change.t_ms
    row.track_stream = row.track_id = None
    change.record(
        "camera.taken_over" if former else "camera.taken",
        row.id,
        refs={"vehicle_id": row.id},
        vehicle=row.id,
        former=former,
    )
    return row


def _release(call: Call[ReleaseCamera]) -> CameraHold:
    change = call.change
    row = _hold(change, call.target)
    refuse_other_holder(row, call.who.actor.id)
    row.holder_id, row.holder, row.since_ms = None, "", change.t_ms
    row.track_stream = row.track_id = None
    change.record("camera.released", row.id, refs={"vehicle_id": row.id}, vehicle=row.id)
    return row


def _track(call: Call[TrackBody]) -> CameraHold:
    change, body = call.change, call.body
    row = _hold(change, call.target)
    refuse_other_holder(row, call.who.actor.id)
    stream_id = change.get(Vehicle, call.target).stream_id
    if body.track_id is not None and (stream_id is None or body.stream_id != stream_id):
        raise refuse(409, "camera_other_stream", field="stream_id", vehicle=row.id)
    row.track_id = body.track_id
    row.track_stream = stream_id if body.track_id is not None else None
    change.record(
        "camera.tracking" if body.track_id is not None else "camera.track_ended",
        row.id,
        refs={"vehicle_id": row.id, "track_id": str(body.track_id)},
        vehicle=row.id,
    )
    return row


def _photo(call: Call[PhotoBody]) -> CommandRecord:
    change, vehicle_id = call.change, call.target
    known = ordered_before(call)
    if known is not None:
        return known
    refuse_other_holder(change.session.get(CameraHold, vehicle_id), call.who.actor.id)
    row = order_vehicle(call, TakePhoto(vehicle_id=vehicle_id))
    change.record(
        "camera.photo",
        row.id,
        incident_id=row.incident_id,
        refs={"vehicle_id": vehicle_id},
        vehicle=vehicle_id,
    )
    return row


TAKE = Operation("camera.take", CAMERA_CONTROL, TakeCamera, _take, targeted=True, batch=False)
RELEASE = Operation(
    "camera.release", CAMERA_CONTROL, ReleaseCamera, _release, targeted=True, batch=False
)
TRACK = Operation("camera.track", CAMERA_CONTROL, TrackBody, _track, targeted=True, batch=False)
PHOTO = Operation("camera.photo", CAMERA_CONTROL, PhotoBody, _photo, targeted=True, batch=False)
