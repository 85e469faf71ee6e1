"""The index of what is on disk: told when a file begins and when it is whole.

The files are the truth: what the index missed because the database was busy, or a process was
killed, is put right by `repair`.
"""

import hashlib
import os
from pathlib import Path

import structlog
from sqlmodel import Session, col, select

from field_api.contract.fmp4 import FragmentError, fragments, whole_end
from field_api.contract.ids import new_id
from field_api.contract.messages import SortieState
from field_api.core.services import Services
from field_api.features.flights.tables import SortieRecord, SortieStep
from field_api.features.footage.beside import FileFacts, Moment, read_beside
from field_api.features.footage.folder import (
    FileLockedError,
    beside_of,
    id_of,
    locked,
    recent,
)
from field_api.features.footage.tables import (
    FootageFile,
    FootageGap,
    FootageIncident,
    GapCause,
)
from field_api.features.incidents.records import of_open_incident, open_places
from field_api.features.incidents.rules import nearest_open
from field_api.features.roster.tables import Terminal, Vehicle

__all__ = ["FootageIndex", "Whole"]

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 200
HANDHELD_CAMERA = "-cam"
"""What a handheld's stream is called after its id, as in `links.video.access`."""
NOBODYS_AREA = "-"
"""Lies in no area, and is not empty, which would concern everybody."""
SORTIE_ENDS = (SortieState.RETURNED, SortieState.REPLACED, SortieState.FAILED)


class Whole:
    """What is known of a file that is whole."""

    def __init__(
        self,
        *,
        ended_ms: int,
        pictures: int,
        size_bytes: int,
        sha256: str,
        where: Moment | None,
        cut_off: bool = False,
    ) -> None:
        self.ended_ms = ended_ms
        self.pictures = pictures
        self.size_bytes = size_bytes
        self.sha256 = sha256
        self.where = where
        self.cut_off = cut_off


class FootageIndex:
    """May be used from any thread; blocks."""

    def __init__(self, ctx: Services) -> None:
        self._ctx = ctx
        self.root: Path = ctx.settings.footage_dir

    def whose(self, stream_id: str) -> tuple[str | None, str]:
        """Return the aircraft that a stream belongs to, if any, and whose area's business it is.

        A handheld's camera is its area's; what is neither is seen by who is limited to no area.
        """
        with self._ctx.store.read() as session:
            query = select(Vehicle).where(Vehicle.stream_id == stream_id).limit(1)
            vehicle = session.exec(query).first()
            if vehicle is not None:
                return vehicle.id, vehicle.area
            handheld = session.get(Terminal, stream_id.removesuffix(HANDHELD_CAMERA))
            return None, handheld.area if handheld is not None else NOBODYS_AREA

    def began(self, facts: FileFacts, place: str, where: Moment | None = None) -> None:
        """Put a file in that is being written, and which incidents it shows as far as is known."""
        with self._ctx.store.housekeep() as session:
            row = _row(facts, place)
            session.add(row)
            session.flush()
            self._tie(session, row, row.began_ms, where)

    def ended(self, facts: FileFacts, place: str, whole: Whole) -> None:
        """Say that a file is whole, and which incidents it shows."""
        with self._ctx.store.housekeep() as session:
            row = session.get(FootageFile, facts.id)
            if row is None:
                row = _row(facts, place)
                session.add(row)
            row.ended_ms = whole.ended_ms
            row.pictures = whole.pictures
            row.size_bytes = whole.size_bytes
            row.sha256 = whole.sha256
            row.cut_off = whole.cut_off
            row.version += 1
            session.flush()
            self._tie(session, row, whole.ended_ms, whole.where)

    def gap(
        self,
        stream_id: str,
        cause: GapCause,
        began_ms: int,
        ended_ms: int,
        *,
        files: int = 0,
        size_bytes: int = 0,
    ) -> None:
        """Say that there is no footage though there were pictures."""
        vehicle_id, area = self.whose(stream_id)
        with self._ctx.store.housekeep() as session:
            session.add(
                FootageGap(
                    id=new_id(),
                    area=area,
                    stream_id=stream_id,
                    vehicle_id=vehicle_id,
                    cause=cause,
                    began_ms=began_ms,
                    ended_ms=ended_ms,
                    files=files,
                    size_bytes=size_bytes,
                    told_ms=self._ctx.clock(),
                )
            )

    def _tie(self, session: Session, row: FootageFile, until_ms: int, where: Moment | None) -> None:
        """Tie a file to the incidents it shows: its sortie's, else the nearest open one.

        The second is how a detection finds its incident too. An aircraft flown by hand has no
        sortie, and what it filmed must not be deleted while people work on the incident.
        """
        found = _of_sorties(session, row.vehicle_id, row.began_ms, until_ms)
        if not found and where is not None and where.lat_deg is not None:
            near = nearest_open(
                open_places(session),
                where.lat_deg,
                where.lon_deg or 0.0,
                self._ctx.settings.detection_join_m,
            )
            found = {near} if near else set()
        for incident_id in found:
            if session.get(FootageIncident, (row.id, incident_id)) is None:
                session.add(
                    FootageIncident(file_id=row.id, incident_id=incident_id, began_ms=row.began_ms)
                )

    # --- putting right --------------------------------------------------------------------------

    def adopt(self) -> int:
        """Put in files of the last days that the index never heard of; return how many."""
        paths = {file_id: path for path in recent(self.root) if (file_id := id_of(path))}
        with self._ctx.store.read() as session:
            asked = list(paths)
            known: set[str] = set()
            for at in range(0, len(asked), MOST_AT_ONCE):
                part = asked[at : at + MOST_AT_ONCE]
                known |= set(
                    session.exec(select(FootageFile.id).where(col(FootageFile.id).in_(part)))
                )
        adopted = 0
        for file_id, path in paths.items():
            if file_id in known:
                continue
            beside = beside_of(path)
            facts = read_beside(beside.read_bytes()).facts if beside.exists() else None
            if facts is None or facts.id != file_id:
                log.error("footage_unknown", file=path.name, stream=path.parent.parent.name)
                continue
            self.began(facts, path.relative_to(self.root).as_posix())
            adopted += 1
        return adopted

    def repair(self) -> int:
        """Close files that the index thinks open and nobody writes; return how many."""
        with self._ctx.store.read() as session:
            query = select(FootageFile).where(col(FootageFile.ended_ms).is_(None))
            rows = session.exec(query.limit(MOST_AT_ONCE)).all()
        return sum(self._repair(row) for row in rows)

    def _repair(self, row: FootageFile) -> bool:
        path = self.root / row.place
        try:
            with locked(path) as handle:
                whole = _shorten(handle, path, row.began_ms)
        except FileLockedError:
            return False
        except FileNotFoundError:
            log.error("footage_lost", file=row.place)
            self._forget(row)
            self.gap(row.stream_id, GapCause.LOST, row.began_ms, row.began_ms)
            return True
        if whole is None:
            # Killed before its first fragment: there is no picture in it.
            self._forget(row)
            path.unlink()
            beside_of(path).unlink(missing_ok=True)
            return True
        facts = FileFacts.model_validate(row.model_dump())
        self.ended(facts, row.place, whole)
        log.warning("footage_repaired", file=row.place, pictures=whole.pictures)
        return True

    def _forget(self, row: FootageFile) -> None:
        with self._ctx.store.housekeep() as session:
            stale = session.get(FootageFile, row.id)
            if stale is not None:
                session.delete(stale)


def _row(facts: FileFacts, place: str) -> FootageFile:
    return FootageFile(**facts.model_dump(), place=place, version=1)


def _of_sorties(session: Session, vehicle_id: str | None, began_ms: int, ended_ms: int) -> set[str]:
    """Return the open incidents for which an aircraft flew in a stretch of time."""
    if vehicle_id is None:
        return set()
    sorties = session.exec(
        select(SortieRecord.id, SortieRecord.incident_id).where(
            SortieRecord.vehicle_id == vehicle_id, of_open_incident(SortieRecord.incident_id)
        )
    ).all()
    found: set[str] = set()
    for sortie_id, incident_id in sorties:
        steps = session.exec(
            select(SortieStep.t_ms, SortieStep.state).where(SortieStep.sortie_id == sortie_id)
        ).all()
        if not steps:
            continue
        first = min(t_ms for t_ms, _ in steps)
        ends = [t_ms for t_ms, state in steps if state in SORTIE_ENDS]
        if first <= ended_ms and (not ends or max(ends) >= began_ms):
            found.add(incident_id)
    return found


def _shorten(handle: int, path: Path, began_ms: int) -> Whole | None:
    """Cut a file after its last whole fragment; return what is in it, None for nothing."""
    data = path.read_bytes()
    end = whole_end(data)
    try:
        pieces = list(fragments(data))
    except FragmentError as error:
        log.error("footage_damaged", file=path.name, error=str(error))
        pieces = []
    if not pieces:
        return None
    os.ftruncate(handle, end)
    os.fsync(handle)
    beside = beside_of(path)
    told = beside.read_bytes() if beside.exists() else b""
    moments = read_beside(told).moments
    last = pieces[-1]
    capture_ms = last.capture_ms if last.capture_ms is not None else began_ms
    shown_90k = max(one.pts_90k + one.duration_90k for one in last.pictures)
    return Whole(
        ended_ms=capture_ms + (shown_90k - last.pictures[0].pts_90k) // 90,
        pictures=sum(len(piece.pictures) for piece in pieces),
        size_bytes=end + len(told),
        sha256=hashlib.sha256(data[:end]).hexdigest(),
        where=moments[-1] if moments else None,
        cut_off=True,
    )
