"""Registers over HTTP."""

from typing import Annotated, Any, Literal

from fastapi import Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool

from field_api.contract.ids import RecordId
from field_api.core.access import Principal
from field_api.core.errors import refuse
from field_api.core.file_bodies import gives, takes
from field_api.core.registers.exporting import MEDIA_TYPES
from field_api.core.registers.register import RegisterRow
from field_api.core.registers.tables import TableFormat
from field_api.core.registers.values import FILE_LIMITS
from field_api.core.routing import Routes
from field_api.core.services import Context, require_any_of
from field_api.features.registers.edits import conflicts_of, decide_conflict
from field_api.features.registers.files import export_file, parts_of
from field_api.features.registers.importing import FileAsked, import_file
from field_api.features.registers.messages import (
    ChangeEntry,
    DecideConflict,
    EntryConflictView,
    EntryId,
    EntryVersion,
    ImportView,
    NewEntry,
    RegisterPage,
    RegisterSchema,
    schema_of,
)
from field_api.features.registers.operations import change_entry, create_entry, remove_entry
from field_api.features.registers.queries import (
    Asked,
    all_registers,
    entry,
    entry_versions,
    may_read,
    page_of,
    readers,
    register_for,
    writers,
)
from mission_plans.ground.datum import Datum

__all__ = ["router"]

router = Routes(prefix="/registers", tags=["registers"])

Reader = Annotated[Principal, Depends(require_any_of(readers))]
Writer = Annotated[Principal, Depends(require_any_of(writers))]
Name = Annotated[str, Path(max_length=40)]

_mapping: TypeAdapter[dict[str, str]] = TypeAdapter(dict[str, str])


def _asked(
    q: Annotated[str, Query(max_length=200)] = "",
    sort: Annotated[str, Query(max_length=60)] = "",
    where: Annotated[list[Annotated[str, Query(max_length=300)]] | None, Query()] = None,
    area: Annotated[str, Query(max_length=12)] = "",
) -> Asked:
    return Asked(q, sort, tuple(where or ()), area)


Filters = Annotated[Asked, Depends(_asked)]


@router.get("", operation_id="listRegisters")
def list_registers(who: Reader, ctx: Context) -> list[RegisterSchema]:
    """List the registers that one may read, with what tables and forms must know of them."""
    return [
        schema_of(register, writable=who.may(register.writes))
        for register in all_registers(ctx.features)
        if may_read(register, who.viewer)
    ]


@router.get("/{name}", operation_id="listEntries")
def list_entries(
    name: Name,
    who: Reader,
    ctx: Context,
    asked: Filters,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> RegisterPage:
    """List entries: `q` finds words, `where=column:value` filters, `sort=-column` turns round."""
    register = register_for(ctx.features, name, who)
    with ctx.store.read(who.viewer) as session:
        return page_of(session, register, asked, limit=limit, offset=offset)


@router.post("/{name}", operation_id="createEntry", status_code=201)
def create(
    name: Name, body: NewEntry, who: Writer, ctx: Context, response: Response
) -> RegisterRow:
    """Make an entry; the same request again answers 200 with what is there."""
    register = register_for(ctx.features, name, who, write=True)
    shown, repeated = create_entry(ctx, who, register, body.id, body.model_extra or {})
    if repeated:
        response.status_code = 200
    return shown


@router.get(
    "/{name}/export",
    operation_id="exportRegister",
    response_class=StreamingResponse,
    responses=gives(*MEDIA_TYPES.values()),
)
async def export(
    name: Name,
    who: Reader,
    ctx: Context,
    asked: Filters,
    form: Annotated[TableFormat, Query(alias="format")] = TableFormat.CSV,
    language: Annotated[Literal["zh", "en"], Query()] = "zh",
) -> Response:
    """Return the entries asked for as a file that can be imported again; GeoJSON is a map layer."""
    register = register_for(ctx.features, name, who)
    file = await run_in_threadpool(export_file, ctx, who, register, asked, form, language)
    return StreamingResponse(
        parts_of(file),
        media_type=MEDIA_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{register.name}.{form.value}"'},
    )


@router.post(
    "/{name}/import",
    operation_id="importRegister",
    openapi_extra=takes(*MEDIA_TYPES.values(), "application/octet-stream"),
)
async def import_(
    name: Name,
    request: Request,
    who: Writer,
    ctx: Context,
    form: Annotated[TableFormat, Query(alias="format")],
    crs: Datum = Datum.WGS84,
    dry_run: bool = False,
    mapping: Annotated[str, Query(max_length=20_000)] = "",
) -> ImportView:
    """Import a file: all of it, or nothing and what is wrong by row and column."""
    register = register_for(ctx.features, name, who, write=True)
    asked = FileAsked(form, crs, dry_run, _headers(mapping))
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > FILE_LIMITS.max_file_bytes:
            raise refuse(413, "too_large", limit=FILE_LIMITS.max_file_bytes)
    return await run_in_threadpool(import_file, ctx, who, register, bytes(data), asked)


def _headers(mapping: str) -> dict[str, str]:
    try:
        return _mapping.validate_json(mapping) if mapping else {}
    except ValidationError:
        example = '{"name": "企业名称"}'
        raise refuse(422, "bad_mapping", field="mapping", example=example) from None


@router.get("/{name}/{entry_id}", operation_id="getEntry")
def get_one(name: Name, entry_id: EntryId, who: Reader, ctx: Context) -> RegisterRow:
    """Return one entry."""
    register = register_for(ctx.features, name, who)
    with ctx.store.read(who.viewer) as session:
        shown: Any = register.kind.view(session, entry(session, register, entry_id))
        return shown


@router.get("/{name}/{entry_id}/history", operation_id="getEntryHistory")
def get_history(
    name: Name,
    entry_id: EntryId,
    who: Reader,
    ctx: Context,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[EntryVersion]:
    """Return what an entry was, newest first, also of one that was removed."""
    register = register_for(ctx.features, name, who)
    with ctx.store.read(who.viewer) as session:
        return entry_versions(session, register, entry_id, who.viewer, limit=limit)


@router.put("/{name}/{entry_id}", operation_id="changeEntry")
def change(
    name: Name, entry_id: EntryId, body: ChangeEntry, who: Writer, ctx: Context
) -> RegisterRow:
    """Change an entry; columns left out stay as they are."""
    register = register_for(ctx.features, name, who, write=True)
    return change_entry(ctx, who, register, entry_id, body.version, body.model_extra or {})


@router.delete("/{name}/{entry_id}", operation_id="removeEntry", status_code=204)
def remove(
    name: Name,
    entry_id: EntryId,
    who: Writer,
    ctx: Context,
    version: Annotated[int, Query(ge=1, le=2**53)],
) -> None:
    """Remove an entry that nobody has changed since it was looked at."""
    register = register_for(ctx.features, name, who, write=True)
    remove_entry(ctx, who, register, entry_id, version)


@router.get("/{name}/{entry_id}/conflicts", operation_id="listEntryConflicts")
def list_conflicts(
    name: Name,
    entry_id: EntryId,
    who: Reader,
    ctx: Context,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[EntryConflictView]:
    """Return columns that two people wrote at once, newest first."""
    register = register_for(ctx.features, name, who)
    with ctx.store.read(who.viewer) as session:
        entry(session, register, entry_id)
        return conflicts_of(session, register, entry_id, limit=limit)


@router.post(
    "/{name}/{entry_id}/conflicts/{conflict_id}/decide", operation_id="decideEntryConflict"
)
def decide(
    name: Name,
    entry_id: EntryId,
    conflict_id: RecordId,
    body: DecideConflict,
    who: Writer,
    ctx: Context,
) -> EntryConflictView:
    """Say which of two values stands; both stay on record."""
    register = register_for(ctx.features, name, who, write=True)
    return decide_conflict(ctx, who, register, entry_id, conflict_id, body)
