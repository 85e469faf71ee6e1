"""All that a paper shows, as it is printed."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from field_api.core.wire import Body, LongText, Milliseconds, Sha256, ShortText
from field_api.features.inspections.messages.values import Day, FieldName, FormCode
from field_api.features.inspections.tables import HazardLevel

__all__ = [
    "PaperAttachment",
    "PaperContent",
    "PaperField",
    "PaperHazard",
    "PaperOffice",
    "PaperOfficer",
    "PaperParty",
    "Signature",
]


class _Printed(Body):
    """Part of what is printed, kept to the letter: a blank taken away would give other bytes."""

    model_config = ConfigDict(str_strip_whitespace=False)


class Signature(_Printed):
    """A handwritten signature on glass, or its refusal with a witness."""

    role: Literal["officer", "party", "witness", "approver", "recorder"]
    name: ShortText
    certificate: ShortText | None = None
    refused: bool = False
    reason: LongText = ""
    """Why it was refused."""
    strokes: Annotated[
        list[Annotated[list[Annotated[int, Field(ge=0, le=1000)]], Field(max_length=2000)]],
        Field(max_length=200),
    ] = Field(default=[])
    """Each stroke as x0, y0, x1, y1, ... on a pad 1000 wide and 400 high; empty when refused."""
    t_ms: Milliseconds


class PaperOffice(_Printed):
    """Who issues."""

    name: ShortText
    short_name: ShortText
    """Of the district, as in numbers: 西."""
    tier: Literal["bureau", "street"]
    reconsideration: ShortText = "—"
    """Where to ask for reconsideration."""
    court: ShortText = "—"


class PaperParty(_Printed):
    """Who is inspected."""

    name: ShortText
    credit_code: str = ""
    address: str = ""
    representative: str = ""
    phone: str = ""


class PaperOfficer(_Printed):
    """One officer."""

    name: ShortText
    certificate: ShortText


class PaperField(_Printed):
    """One field as it is printed: a text, or rows of a list."""

    name: FieldName
    title: ShortText
    text: LongText = ""
    rows: Annotated[list[list[LongText]], Field(max_length=300)] = Field(default=[])
    """Rows of a list of things; the first is its head."""


class PaperHazard(_Printed):
    """One hazard as it is printed."""

    number: int
    text: LongText
    level: HazardLevel
    clauses: Annotated[list[LongText], Field(max_length=20)] = Field(default=[])
    """Law, edition and article as cited; only confirmed ones."""
    measure: LongText = ""
    due: str = ""
    result: LongText = ""
    """Of the review."""


class PaperAttachment(_Printed):
    """A picture or recording that belongs to a paper: named by its hash, not printed."""

    number: int
    caption: LongText
    sha256: Sha256
    t_ms: Milliseconds


class PaperContent(_Printed):
    """All that a template shows: the same content gives the same bytes, here and on a handheld."""

    form: FormCode
    title: ShortText
    number: Annotated[str, Field(max_length=120)] = ""
    """Empty in a draft, and where the form has no numbers."""
    issue: Annotated[int, Field(ge=1, le=99)] = 1
    replaces_number: str = ""
    day: Day
    office: PaperOffice
    party: PaperParty
    officers: Annotated[list[PaperOfficer], Field(max_length=6)]
    fields: Annotated[list[PaperField], Field(max_length=80)]
    hazards: Annotated[list[PaperHazard], Field(max_length=200)] = Field(default=[])
    attachments: Annotated[list[PaperAttachment], Field(max_length=200)] = Field(default=[])
    signatures: Annotated[list[Signature], Field(max_length=20)] = Field(default=[])
    unsigned_sha256: str = ""
    """Of the bytes of this content without signatures: what the signers saw. Empty in those."""
    qr: Annotated[list[Annotated[str, Field(pattern=r"^[01]+$")]], Field(max_length=177)] = Field(
        default=[]
    )
    """Rows of the code that opens the verification page."""
