"""Having footage kept, whatever its age: a person says so, and why."""

from sqlmodel import col, select

from field_api.core.access import Principal
from field_api.core.errors import refuse
from field_api.core.services import Services
from field_api.features.footage.messages import FootageKept, KeepFootage
from field_api.features.footage.tables import FootageFile

__all__ = ["keep"]

MOST_FILES = 2000
"""Over a day of one stream."""


def keep(ctx: Services, who: Principal, body: KeepFootage) -> FootageKept:
    """Mark the files of a stretch as kept, or not kept any more.

    Raises:
        ApiError: 404, there are none; 409, the stretch holds too many.
    """
    with ctx.store.change(who) as change:
        query = (
            select(FootageFile)
            .where(
                FootageFile.stream_id == body.stream_id,
                col(FootageFile.began_ms) < body.to_ms,
                col(FootageFile.ended_ms) > body.from_ms,
            )
            .order_by(col(FootageFile.began_ms))
            .limit(MOST_FILES + 1)
        )
        found = [change.find(FootageFile, row.id) for row in change.session.exec(query)]
        rows = [row for row in found if row is not None]
        if not rows:
            raise refuse(404, "no_footage", field="from_ms")
        if len(rows) > MOST_FILES:
            raise refuse(409, "footage_too_much", field="to_ms", most=MOST_FILES)
        for row in rows:
            row.kept_ms = change.t_ms if body.kept else None
            row.kept_by = who.actor.name if body.kept else None
            row.kept_why = body.text if body.kept else None
            change.put(row)
        change.record(
            "footage.kept" if body.kept else "footage.let_go",
            body.stream_id,
            area=rows[0].area,
            refs={"from_ms": str(rows[0].began_ms), "to_ms": str(rows[-1].ended_ms)},
            stream=body.stream_id,
            count=len(rows),
            why=body.text,
        )
        return FootageKept(
            files=len(rows), began_ms=rows[0].began_ms, ended_ms=rows[-1].ended_ms or body.to_ms
        )
