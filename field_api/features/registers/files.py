"""A register as a file."""

from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import Any, Literal

from field_api.core.access import Principal
from field_api.core.errors import refuse
from field_api.core.registers.exporting import write_table
from field_api.core.registers.register import Register, values_of
from field_api.core.registers.tables import TableFormat
from field_api.core.services import Services
from field_api.core.texts import Both
from field_api.features.registers.queries import Asked, chosen, ordered

__all__ = ["export_file", "parts_of"]

_IN_MEMORY_BYTES = 4 << 20
_PART_BYTES = 64 << 10
_AT_ONCE = 500


def export_file(
    ctx: Services,
    who: Principal,
    register: Register[Any],
    asked: Asked,
    form: TableFormat,
    language: Literal["zh", "en"],
) -> SpooledTemporaryFile[bytes]:
    """Write the entries asked for to a file, and return it at its beginning.

    The file is complete before the first byte is sent: who reads slowly holds no database
    connection.

    Raises:
        ApiError: 422, a filter that can't be used, or GeoJSON without a position.
    """
    title = Both(register.title_zh, register.title_en)
    if form is TableFormat.GEOJSON and not register.point:
        raise refuse(422, "no_map", field="format", title=title)
    # The caller closes it, once it is sent.
    file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115
    try:
        with ctx.store.read(who.viewer) as session:
            query = ordered(register, chosen(register, asked), asked.sort)
            found = session.exec(query.execution_options(yield_per=_AT_ONCE))
            write_table(
                file,
                form,
                register.file_columns,
                _rows(register, found),
                title=title.zh if language == "zh" else title.en,
                language=language,
            )
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def parts_of(file: SpooledTemporaryFile[bytes]) -> Iterator[bytes]:
    """Read a file to its end and close it."""
    with file:
        while part := file.read(_PART_BYTES):
            yield part


def _rows(register: Register[Any], found: Iterable[Any]) -> Iterator[dict[str, Any]]:
    for row in found:
        yield {"id": row.id, "area": row.area or None, **values_of(register.columns, row)}
