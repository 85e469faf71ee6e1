"""Blocks of document numbers: drawn by a handheld, used once each, accounted for."""

from sqlmodel import Session, col, func, select

from field_api.contract.ids import new_id
from field_api.core.access import Principal
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.texts import Both
from field_api.core.wire import digest
from field_api.features.inspections.gathering import form_or_refuse
from field_api.features.inspections.messages import (
    DrawNumbers,
    ReturnNumbers,
)
from field_api.features.inspections.numbers import parsed, prefix_of, suffix_of
from field_api.features.inspections.permissions import INSPECTION_WORK
from field_api.features.inspections.registers import Office
from field_api.features.inspections.tables import Inspection, NumberBlock

__all__ = ["RETURN", "draw", "holder_of", "use_number"]

MOST_OUT = 100
"""Numbers of one form that a handheld may hold unused."""


def holder_of(who: Principal) -> str:
    """Return what draws for a person: their handheld, or their desk at the console."""
    return who.viewer.terminal_id or f"desk:{who.user.username}"


def _left(block: NumberBlock) -> int:
    return block.last - block.first + 1 - len(block.used)


def _held(session: Session, holder: str, office_id: str, form: str, year: int) -> int:
    rows = session.exec(
        select(NumberBlock).where(
            NumberBlock.terminal_id == holder,
            NumberBlock.office_id == office_id,
            NumberBlock.form == form,
            NumberBlock.year == year,
            col(NumberBlock.returned_ms).is_(None),
        )
    )
    return sum(_left(row) for row in rows)


def draw(change: Change, who: Principal, body: DrawNumbers) -> list[NumberBlock]:
    """Draw a block for each form; the writer's lock keeps the series without gaps or doubles.

    Raises:
        ApiError: 404, 422 for a form without numbers, 409 for more than may be held, or the id was
            used for another draw.
    """
    drawn = select(NumberBlock).where(NumberBlock.draw_id == body.id)
    known = change.session.exec(drawn.order_by(col(NumberBlock.id))).all()
    if known:
        if any(row.request_sha256 != digest(body) for row in known):
            raise refuse(409, "id_taken", field="id")
        change.repeated = True
        return list(known)
    office = change.get(Office, body.office_id, field="office_id")
    holder = holder_of(who)
    return [
        _draw_one(change, who, body, office, form, count, holder)
        for form, count in body.forms.items()
    ]


def _draw_one(
    change: Change,
    who: Principal,
    body: DrawNumbers,
    office: Office,
    code: str,
    count: int,
    holder: str,
) -> NumberBlock:
    form = form_or_refuse(code)
    if not form.series:
        raise refuse(422, "form_without_numbers", field="forms", form=Both(form.zh, form.en))
    if _held(change.session, holder, office.id, code, body.year) + count > MOST_OUT:
        raise refuse(
            409, "numbers_enough", field="forms", most=MOST_OUT, form=Both(form.zh, form.en)
        )
    newest = change.session.exec(
        select(func.max(NumberBlock.last)).where(
            NumberBlock.office_id == office.id,
            NumberBlock.form == code,
            NumberBlock.year == body.year,
        )
    ).one()
    first = (newest or 0) + 1
    row = change.create(
        NumberBlock(
            id=new_id(),
            area=office.area,
            office_id=office.id,
            form=code,
            year=body.year,
            draw_id=body.id,
            first=first,
            last=first + count - 1,
            prefix=prefix_of(office.short_name, form.series, body.year),
            suffix=suffix_of(office.tier),
            terminal_id=holder,
            device_id="",
            drawn_ms=change.t_ms,
            drawn_by=who.actor.name,
            used=[],
            request_sha256=digest(body),
        ),
        fresh_id=True,
    )
    change.session.flush()
    change.record(
        "numbers.drawn",
        row.id,
        area=row.area,
        refs={"holder": holder},
        prefix=row.prefix,
        first=row.first,
        last=row.last,
        holder=holder,
    )
    return row


def use_number(change: Change, who: Principal, inspection: Inspection, form: str, text: str) -> str:
    """Mark a printed number as used; return the block's id.

    A number of a block that was given back meanwhile is taken: the paper is printed and signed.

    Raises:
        ApiError: 409, it is no number of this form and office, another handheld's, or used.
    """
    number = parsed(text)
    block = None
    if number is not None:
        block = change.session.exec(
            select(NumberBlock)
            .where(
                NumberBlock.office_id == inspection.office_id,
                NumberBlock.form == form,
                NumberBlock.year == number.year,
                col(NumberBlock.first) <= number.n,
                col(NumberBlock.last) >= number.n,
                NumberBlock.prefix == number.prefix,
                NumberBlock.suffix == number.suffix,
            )
            .limit(1)
        ).first()
    if number is None or block is None:
        raise refuse(409, "number_not_drawn", field="content.number", number=text)
    if block.terminal_id != holder_of(who):
        raise refuse(
            409, "number_of_another", field="content.number", number=text, holder=block.terminal_id
        )
    if number.n in block.used:
        raise refuse(409, "number_used", field="content.number", number=text)
    # The block is the office's, who uses it need not be in its area.
    change.retell(block)
    block.used = sorted([*block.used, number.n])
    return block.id


def _return(call: Call[ReturnNumbers]) -> NumberBlock:
    """Give back what will not be used: accounted for, and never given again."""
    change = call.change
    row = change.session.get(NumberBlock, call.target)
    if row is None or row.terminal_id != holder_of(call.who):
        raise refuse(404, "unknown_number_block", id=call.target)
    if row.returned_ms is not None:
        change.repeated = True
        return row
    change.retell(row)
    row.returned_ms, row.returned_reason = change.t_ms, call.body.reason
    change.record(
        "numbers.returned",
        row.id,
        area=row.area,
        prefix=row.prefix,
        count=_left(row),
        holder=row.terminal_id,
        why=call.body.reason,
    )
    return row


RETURN = Operation("numbers.return", INSPECTION_WORK, ReturnNumbers, _return, targeted=True)
