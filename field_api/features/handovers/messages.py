"""Handovers on the wire."""

from typing import Annotated

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.core.wire import Body, LongText, View
from field_api.features.handovers.tables import HandoverState, Standing

__all__ = ["ConfirmHandover", "EditHandover", "HandoverView", "SignHandover"]

Version = Annotated[int, Field(ge=1)]


class SignHandover(Body):
    """Hand over what stands now, drafted by the command post, and what is to be said besides."""

    id: RecordId
    note: LongText = ""


class EditHandover(Body):
    """Other words, and where things stand now; until somebody has taken over."""

    version: Version
    note: LongText = ""


class ConfirmHandover(Body):
    """Take over, by one's own account, the note that was looked at."""

    version: Version
    remark: LongText = ""


class HandoverView(View):
    """One shift change."""

    id: str
    version: int
    area: str
    state: HandoverState
    standing: Standing
    note: str
    signed_ms: int
    signed_by: str
    signed_user: str
    confirmed_ms: int | None
    confirmed_by: str | None
    confirmed_user: str | None
    remark: str
