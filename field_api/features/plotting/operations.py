"""Drawing, putting right, deleting, and taking back what one did last."""

from collections.abc import Sequence

from sqlmodel import col, func, select

from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.texts import Both, both
from field_api.core.wire import digest
from field_api.features.incidents.records import require_open
from field_api.features.incidents.tables import Incident, IncidentState
from field_api.features.plotting.acts import acts_of, known_act, last_act, note_act, stands_again
from field_api.features.plotting.messages import (
    DeleteDrawing,
    EditDrawing,
    ImportDrawings,
    MakeDrawing,
    UndoDrawing,
)
from field_api.features.plotting.permissions import DRAWING_EDIT, DRAWING_MAKE
from field_api.features.plotting.shapes import (
    ERRORS_M,
    FORMS,
    Content,
    DrawingKind,
    LineSource,
    crosses_itself,
    measured,
)
from field_api.features.plotting.tables import ActKind, Drawing, DrawingAct, DrawingState

__all__ = ["DELETE", "EDIT", "IMPORT", "MAKE", "MOST_DRAWN", "UNDO", "drawing_name"]

MOST_DRAWN = 1000
"""On the map of one incident: more than that nobody reads."""

FIRE = (DrawingKind.FIRE_LINE, DrawingKind.FIRE_SPOT)


def drawing_name(kind: DrawingKind, label: str) -> Both:
    """Return a drawing in words: its kind, and its label where it has one."""
    name = both(f"words.drawing.{kind.value}")
    return Both(f"{name.zh}“{label}”", f"{name.en} “{label}”") if label else name


def _fitting(body: Content, seen_ms: int) -> Content:
    """Return what is said of a drawing, with what a fire needs filled in.

    Raises:
        ApiError: 422, the kind is not drawn like that, or the outline crosses itself.
    """
    kind, shape = body.kind, body.shape
    if shape.form not in FORMS[kind]:
        raise refuse(
            422,
            "drawing_form",
            field="shape",
            kind=both(f"words.drawing.{kind.value}"),
            forms=both(f"words.drawing_form.{FORMS[kind][0]}"),
        )
    if crosses_itself(shape):
        raise refuse(422, "drawing_crosses_itself", field="shape")
    if kind is DrawingKind.TEXT and not body.label:
        raise refuse(422, "drawing_text_empty", field="label")
    said = {name: getattr(body, name) for name in Content.model_fields}
    if kind in FIRE:
        said["observed_ms"] = min(body.observed_ms or seen_ms, seen_ms)
        said["source"] = body.source or LineSource.HAND
    else:
        said |= {"observed_ms": None, "source": None, "error_m": None}
    return Content(**said)


def _write(row: Drawing, content: Content) -> None:
    row.content, row.kind = content, content.kind
    error_m = content.error_m if content.error_m is not None else 0.0
    if content.kind is DrawingKind.FIRE_LINE and content.error_m is None:
        error_m = ERRORS_M[content.source or LineSource.HAND]
    figures = measured(content.shape, error_m)
    row.length_m, row.area_m2 = figures.length_m, figures.area_m2
    row.area_error_m2 = figures.area_error_m2 if content.kind is DrawingKind.FIRE_LINE else None


def _incident(change: Change, incident_id: str, t_ms: int) -> Incident:
    """Return an incident to draw in; what was drawn before its end may come after it."""
    incident = change.get(Incident, incident_id, field="incident_id")
    if incident.state is not IncidentState.OPEN and t_ms > (incident.closed_ms or 0):
        raise refuse(409, "incident_closed")
    return incident


def _room_for(change: Change, incident_id: str, more: int) -> None:
    count = select(func.count(col(Drawing.id))).where(
        Drawing.incident_id == incident_id, Drawing.state == DrawingState.DRAWN
    )
    if change.session.exec(count).one() + more > MOST_DRAWN:
        raise refuse(409, "drawings_full", most=MOST_DRAWN)


def _new(
    call: Call[MakeDrawing] | Call[ImportDrawings],
    incident: Incident,
    drawing_id: str,
    content: Content,
    sha256: str,
) -> Drawing:
    change, who = call.change, call.who
    made_ms = min(call.body.t_ms, change.t_ms)
    row = Drawing(
        id=drawing_id,
        area=incident.area,
        incident_id=incident.id,
        kind=content.kind,
        content=content,
        state=DrawingState.DRAWN,
        made_ms=made_ms,
        author_id=who.user_id,
        author=who.actor.name,
        author_terminal_id=who.viewer.terminal_id,
        request_sha256=sha256,
    )
    _write(row, _fitting(content, made_ms))
    return change.create(row)


def _make(call: Call[MakeDrawing]) -> Drawing:
    """Draw something; repeating the body is safe."""
    change, body = call.change, call.body
    known = change.known(Drawing, body, body.id)
    if known is not None:
        return known
    incident = _incident(change, body.incident_id, body.t_ms)
    _room_for(change, incident.id, 1)
    row = _new(call, incident, body.id, body, digest(body))
    note_act(call, row, ActKind.MAKE, body.id, None)
    change.record(
        "drawing.made",
        row.id,
        incident_id=incident.id,
        refs={"t_ms": str(body.t_ms)},
        what=drawing_name(row.kind, row.content.label),
        figures=_figures(row),
    )
    return row


def _figures(row: Drawing) -> Both:
    """Return what a fire line measures, for the timeline."""
    if row.kind is not DrawingKind.FIRE_LINE or row.length_m is None:
        return Both("", "")
    if row.area_m2 is None:
        return both("words.drawing_length", metres=round(row.length_m))
    return both(
        "words.drawing_area",
        hectares=round(row.area_m2 / 10_000, 2),
        error=round((row.area_error_m2 or 0) / 10_000, 2),
        metres=round(row.length_m),
    )


def _import(call: Call[ImportDrawings]) -> Drawing:
    """Draw what was chosen of a file, as one act; repeating the body is safe."""
    change, body = call.change, call.body
    acts = acts_of(change, body.id)
    if acts:
        if acts[0].request_sha256 != digest(body):
            raise refuse(409, "id_taken", field="id")
        change.repeated = True
        return change.get(Drawing, acts[0].drawing_id)
    incident = _incident(change, body.incident_id, body.t_ms)
    ids = [each.id for each in body.drawings]
    if len(set(ids)) < len(ids) or _any_known(change, ids):
        raise refuse(409, "id_taken", field="drawings")
    _room_for(change, incident.id, len(ids))
    rows: list[Drawing] = []
    for each in body.drawings:
        row = _new(call, incident, each.id, each, digest(each))
        note_act(call, row, ActKind.MAKE, body.id, None)
        rows.append(row)
    change.record(
        "drawing.imported",
        incident.id,
        incident_id=incident.id,
        refs={"drawings": str(len(rows))},
        count=len(rows),
        file=body.file_name,
    )
    return rows[0]


def _any_known(change: Change, ids: Sequence[str]) -> bool:
    found = select(Drawing.id).where(col(Drawing.id).in_(ids)).limit(1)
    return change.session.exec(found).first() is not None


def _changeable(call: Call[EditDrawing] | Call[DeleteDrawing]) -> Drawing:
    """Return the drawing, if this person may change it and it is on an open incident's map."""
    change, who = call.change, call.who
    row = change.get(Drawing, call.target)
    require_open(change.session.get_one(Incident, row.incident_id))
    if row.author_id != who.user_id and not who.may(DRAWING_EDIT):
        raise refuse(403, "drawing_of_another", by=row.author)
    return row


def _edit(call: Call[EditDrawing]) -> Drawing:
    """Put a drawing right; repeating the body is safe, and nobody's change is overwritten."""
    change, body = call.change, call.body
    if known_act(call) is not None:
        return change.get(Drawing, call.target)
    row = _changeable(call)
    if row.state is DrawingState.DELETED:
        raise refuse(409, "drawing_is_deleted", by=row.deleted_by or "")
    change.put(row, seen_version=body.version)
    before = row.content
    _write(row, _fitting(body, change.t_ms))
    row.edited_ms, row.edited_by = change.t_ms, call.who.actor.name
    note_act(call, row, ActKind.EDIT, body.id, before)
    change.record(
        "drawing.edited",
        row.id,
        incident_id=row.incident_id,
        what=drawing_name(row.kind, row.content.label),
        figures=_figures(row),
    )
    return row


def _delete(call: Call[DeleteDrawing]) -> Drawing:
    """Take a drawing off the map; it is kept with who did it. Repeating is harmless."""
    change, body = call.change, call.body
    if known_act(call) is not None:
        return change.get(Drawing, call.target)
    row = _changeable(call)
    if row.state is DrawingState.DELETED:
        change.repeated = True
        return row
    change.put(row, seen_version=body.version)
    row.state = DrawingState.DELETED
    row.deleted_ms, row.deleted_by = change.t_ms, call.who.actor.name
    note_act(call, row, ActKind.DELETE, body.id, row.content)
    change.record(
        "drawing.deleted",
        row.id,
        incident_id=row.incident_id,
        what=drawing_name(row.kind, row.content.label),
        whose=row.author,
    )
    return row


def _undo(call: Call[UndoDrawing]) -> Drawing:
    """Take back what one did last in an incident, unless somebody has changed it since.

    Others see it at once. Taking back again takes back what one did before that.
    """
    change, body = call.change, call.body
    undone = select(DrawingAct).where(DrawingAct.undone_id == body.id).limit(1)
    known = change.session.exec(undone).first()
    if known is not None:
        if known.user_id != call.who.user_id or known.incident_id != body.incident_id:
            raise refuse(409, "id_taken", field="id")
        change.repeated = True
        return change.get(Drawing, known.drawing_id)
    incident = require_open(change.get(Incident, body.incident_id, field="incident_id"))
    acts = last_act(change, incident.id, call.who.user_id)
    rows = [change.get(Drawing, act.drawing_id) for act in acts]
    for act, row in zip(acts, rows, strict=True):
        if row.version != act.version_after:
            raise refuse(
                409,
                "drawing_changed_since",
                by=row.deleted_by or row.edited_by or row.author,
                what=drawing_name(row.kind, row.content.label),
            )
    for act, row in zip(acts, rows, strict=True):
        change.put(row)
        if act.act is ActKind.MAKE:
            row.state = DrawingState.DELETED
            row.deleted_ms, row.deleted_by = change.t_ms, call.who.actor.name
        else:
            row.state, row.deleted_ms, row.deleted_by = DrawingState.DRAWN, None, None
            if act.before is not None:
                _write(row, act.before)
        act.undone_id = body.id
        change.session.add(act)
        stands_again(change, row)
    kind = acts[0].act.value
    change.record(
        "drawing.undone",
        rows[0].id,
        incident_id=incident.id,
        refs={"act_id": acts[0].act_id},
        act=both(f"words.drawing_act.{kind}"),
        what=drawing_name(rows[0].kind, rows[0].content.label),
        more=both("words.drawing_more", count=len(rows) - 1) if len(rows) > 1 else Both("", ""),
    )
    return rows[0]


MAKE = Operation("drawing.make", DRAWING_MAKE, MakeDrawing, _make, makes=Drawing)
EDIT = Operation("drawing.edit", DRAWING_MAKE, EditDrawing, _edit, targeted=True)
DELETE = Operation("drawing.delete", DRAWING_MAKE, DeleteDrawing, _delete, targeted=True)
# Taken back hours later, out of a queue, "the last act" would be another one.
UNDO = Operation("drawing.undo", DRAWING_MAKE, UndoDrawing, _undo, batch=False)
IMPORT = Operation("drawing.import", DRAWING_MAKE, ImportDrawings, _import, batch=False)
