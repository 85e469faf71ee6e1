"""What became of document numbers: every one drawn is used, given back, or still out."""

from collections.abc import Iterable, Iterator

from sqlmodel import Session, case, col, func, select

from field_api.features.inspections.messages import HeldNumbers, NumberAccountView, NumberRange
from field_api.features.inspections.tables import NumberBlock

__all__ = ["accounts"]

_SERIES = (
    col(NumberBlock.office_id),
    col(NumberBlock.form),
    col(NumberBlock.prefix),
    col(NumberBlock.suffix),
)


def accounts(session: Session, year: int, office_id: str | None) -> list[NumberAccountView]:
    """Add up a year's series of numbers, as the session's viewer may see them.

    The sums are made by the database; only blocks that are still out are read one by one, and a
    handheld may hold few of them.
    """
    size = col(NumberBlock.last) - col(NumberBlock.first) + 1
    used = func.json_array_length(col(NumberBlock.used))
    back = case((col(NumberBlock.returned_ms).is_not(None), size - used), else_=0)
    mine = [NumberBlock.year == year]
    if office_id is not None:
        mine.append(NumberBlock.office_id == office_id)
    sums = select(  # pyright: ignore[reportCallIssue, reportUnknownVariableType]
        *_SERIES,
        func.max(NumberBlock.last),
        func.sum(size),
        func.sum(used),
        func.sum(back),  # pyright: ignore[reportArgumentType]
    )
    rows = session.exec(sums.where(*mine).group_by(*_SERIES).order_by(*_SERIES)).all()
    out = select(NumberBlock).where(*mine, col(NumberBlock.returned_ms).is_(None), used < size)
    holders = _held(session.exec(out.order_by(col(NumberBlock.first))).all())
    return [
        NumberAccountView(
            office_id=office,
            form=form,
            year=year,
            prefix=prefix,
            suffix=suffix,
            last=last,
            drawn=drawn,
            used=taken,
            returned=returned,
            out=drawn - taken - returned,
            held=holders.get((office, form, prefix, suffix), []),
        )
        for office, form, prefix, suffix, last, drawn, taken, returned in rows
    ]


def _held(blocks: Iterable[NumberBlock]) -> dict[tuple[str, ...], list[HeldNumbers]]:
    """Return by series which handheld still holds which numbers."""
    held: dict[tuple[str, ...], dict[str, list[NumberBlock]]] = {}
    for block in blocks:
        series = (block.office_id, block.form, block.prefix, block.suffix)
        held.setdefault(series, {}).setdefault(block.terminal_id, []).append(block)
    return {
        series: [
            HeldNumbers(
                terminal_id=terminal_id,
                drawn_ms=min(block.drawn_ms for block in own),
                ranges=[run for block in own for run in _unused(block)],
            )
            for terminal_id, own in by_handheld.items()
        ]
        for series, by_handheld in held.items()
    }


def _unused(block: NumberBlock) -> Iterator[NumberRange]:
    """Yield a block's runs of numbers that were not used."""
    first = block.first
    for n in [*sorted(block.used), block.last + 1]:
        if first < n:
            yield NumberRange(first=first, last=n - 1)
        first = n + 1
