"""Inspections, their documents and hazards on the wire.

A *paper* is one document of an inspection (执法文书): first a draft that several officers edit
field by field, then issued with a number, its content, signatures and the hash of its bytes, from
then on unchangeable; a change is a new paper that names the one it replaces.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, JsonValue

from field_api.contract.ids import RecordId
from field_api.core.wire import (
    Body,
    Latitude,
    Longitude,
    LongText,
    Milliseconds,
    Name,
    Sha256,
    ShortText,
    View,
)
from field_api.features.inspections.tables import (
    ApprovalState,
    HazardLevel,
    HazardState,
    InspectionState,
    PaperState,
)

__all__ = [
    "ApprovePaper",
    "AssignInspection",
    "BeginPaper",
    "CheckHazard",
    "CloseInspection",
    "ClosureProposalView",
    "ConfirmHazard",
    "Day",
    "DecideField",
    "DrawNumbers",
    "DropPaper",
    "DueOrderView",
    "EditHazard",
    "EditPaper",
    "EnterPremises",
    "EnterpriseStanding",
    "EscalateInspection",
    "FindHazard",
    "HazardView",
    "InspectionDossier",
    "InspectionView",
    "IssuePaper",
    "NumberAccountView",
    "NumberBlockView",
    "OpenInspection",
    "PaperAttachment",
    "PaperConflictView",
    "PaperContent",
    "PaperField",
    "PaperHazard",
    "PaperOffice",
    "PaperOfficer",
    "PaperParty",
    "PaperView",
    "PeriodView",
    "PeriodsView",
    "RectifyHazard",
    "ReturnNumbers",
    "ServePaper",
    "Signature",
    "SubmitPaper",
    "TerminalCoverageView",
    "VerificationView",
]


def _calendar_day(text: str) -> str:
    date.fromisoformat(text)
    return text


Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_calendar_day)]
"""A calendar day where the bureau is."""
FormCode = Annotated[str, Field(pattern=r"^[A-Z_]{2,30}$")]
FieldName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Values = Annotated[dict[FieldName, JsonValue], Field(max_length=80)]
Officers = Annotated[list[Name], Field(max_length=6)]

InspectionKind = Literal["routine", "case", "special"]
"""日常检查、个案检查、专项检查."""
InspectionSource = Literal["plan", "complaint", "transfer", "emergency"]


# --- inspections ----------------------------------------------------------------------------------


class OpenInspection(Body):
    """Plan an inspection, or begin one on the spot. The caller makes the id."""

    id: RecordId
    enterprise_id: Name
    office_id: Name
    """Entry of the register `offices`: bureau or street."""
    sector: ShortText
    """Sector of the checklists, e.g. `工贸(机械轻工等)`."""
    kind: InspectionKind = "routine"
    source: InspectionSource = "plan"
    day: Day
    """When it shall be."""
    officer_ids: Officers = Field(default=[])
    """Entries of the register `officers`; two before anything is issued."""
    terminal_id: Name | None = None
    """The handheld it is given to."""
    note: LongText = ""


class AssignInspection(Body):
    """Give it to officers, a handheld and a day. What is None stays."""

    officer_ids: Officers | None = None
    terminal_id: Name | None = None
    day: Day | None = None


class EnterPremises(Body):
    """Entering: the enterprise's scan code (行政执法监督码), or the reason why none was scanned."""

    id: RecordId
    t_ms: Milliseconds
    scan_code: ShortText | None = None
    emergency_reason: LongText = ""
    lat_deg: Latitude | None = None
    lon_deg: Longitude | None = None


class EscalateInspection(Body):
    """A street hands its inspection to the bureau with all papers, hazards and evidence."""

    id: RecordId
    t_ms: Milliseconds
    office_id: Name
    """The bureau's office."""
    reason: LongText


class CloseInspection(Body):
    """End it; refused while an order is open or a paper is neither issued nor dropped."""

    id: RecordId
    t_ms: Milliseconds
    reason: LongText = ""


class InspectionView(View):
    """An inspection."""

    id: str
    version: int
    area: str
    enterprise_id: str
    enterprise_name: str
    office_id: str
    tier: Literal["bureau", "street"]
    sector: str
    kind: InspectionKind
    source: InspectionSource
    day: str
    officer_ids: list[str]
    terminal_id: str | None
    note: str
    state: InspectionState
    entered_ms: int | None
    scan_code: str | None
    emergency_reason: str
    visit_number: int | None
    """Which visit of the year this is to that enterprise; counted when it is entered."""
    escalated_from: str | None
    """The inspection of the street that this one goes on with."""
    escalated_to: str | None
    """The inspection of the bureau that goes on with this one."""
    opened_ms: int
    opened_by: str
    closed_ms: int | None
    closed_reason: str


# --- papers ---------------------------------------------------------------------------------------


class BeginPaper(Body):
    """Begin a draft. The caller makes the id."""

    id: RecordId
    inspection_id: RecordId
    form: FormCode
    values: Values = Field(default={})
    hazard_ids: Annotated[list[RecordId], Field(max_length=200)] = Field(default=[])
    """What it is about, in its order."""
    order_id: RecordId | None = None
    """The paper it follows: the order a review checks, the notice a penalty follows."""
    replaces: RecordId | None = None
    """The issued paper that this one takes the place of."""
    urgent: bool = False
    """A coercive measure taken before its approval, which must come within 24 hours."""
    t_ms: Milliseconds


class EditPaper(Body):
    """Change fields of a draft; `was` is what the author saw of those in `now`.

    A field that nobody changed meanwhile takes the new value; of the others both values are kept.
    `hazard_ids` is a field like the others.
    """

    id: RecordId
    t_ms: Milliseconds
    was: Values
    now: Values


class DecideField(Body):
    """Decide which of two values of a field stands."""

    id: RecordId
    conflict_id: RecordId
    take: bool
    """The value that was given; else the one that is here."""


class SubmitPaper(Body):
    """Ask for approval."""

    id: RecordId
    t_ms: Milliseconds


class ApprovePaper(Body):
    """Answer a paper that asks for approval, or an urgent measure afterwards."""

    id: RecordId
    approve: bool
    opinion: LongText = ""


class DropPaper(Body):
    """Give a draft up: it is never issued."""

    id: RecordId
    t_ms: Milliseconds
    reason: LongText = ""


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


class IssuePaper(Body):
    """Issue: number, content, signatures, and the hash of the bytes as they were made here."""

    id: RecordId
    t_ms: Milliseconds
    content: PaperContent
    sha256: Sha256
    """Of the PDF as typeset by the issuer; the command post typesets again and compares."""
    template_sha256: Sha256
    device_key: str = ""
    """The handheld's public key (Ed25519, base64url), and its signature of `sha256`."""
    device_signature: str = ""


class ServePaper(Body):
    """It was handed over."""

    id: RecordId
    t_ms: Milliseconds
    way: Literal["handed", "left", "post", "electronic", "public"]
    receiver: ShortText
    note: LongText = ""


class PaperConflictView(View):
    """Two officers wrote into one field without knowing of each other."""

    id: str
    field: str
    was: JsonValue
    here: JsonValue
    here_by: str
    given: JsonValue
    given_by: str
    made_ms: int


class PaperView(View):
    """A paper."""

    id: str
    version: int
    area: str
    inspection_id: str
    enterprise_id: str
    form: str
    state: PaperState
    values: dict[str, JsonValue]
    hazard_ids: list[str]
    order_id: str | None
    replaces: str | None
    replaced_by: str | None
    urgent: bool
    conflicts: list[PaperConflictView]
    approval: ApprovalState
    approved_by: str | None
    approved_ms: int | None
    approval_due_ms: int | None
    """Of an urgent measure: until when its approval must be there."""
    approval_late_ms: int | None
    """Since when it is known that it was not."""
    opinion: str
    number: str | None
    issue: int
    """Counts the versions of one number."""
    day: str | None
    """Of issue."""
    due_day: str | None
    """Until when what it orders must be done."""
    reminded_days: int | None
    """The last reminder: 7, 3, 1 or 0 days before; negative once overdue."""
    fulfilled_ms: int | None
    """When a review found all of it done."""
    content: PaperContent | None
    """As issued. In lists, sync and live messages its signatures come without their strokes."""
    document_id: str | None
    sha256: str | None
    """Of the bytes kept here."""
    bytes_differ: bool
    """The issuer's hash is not that of the bytes typeset here: both are kept, a person looks."""
    issuer_sha256: str | None
    device_signed: bool | None
    """Whether the handheld's signature fits its key; None without one."""
    issued_ms: int | None
    issued_by: str | None
    served_ms: int | None
    served_way: str | None
    served_to: str
    begun_ms: int
    begun_by: str


# --- hazards --------------------------------------------------------------------------------------


class FindHazard(Body):
    """A hazard found. The caller makes the id."""

    id: RecordId
    inspection_id: RecordId
    text: LongText
    place: LongText = ""
    level: HazardLevel = HazardLevel.ORDINARY
    clause_ids: Annotated[list[Name], Field(max_length=20)] = Field(default=[])
    """Entries of the register `law_clauses`; a major one needs a criterion of its sector."""
    measure: Literal["rectify", "at_once", "withdraw", "suspend", "stop_use", "transfer"] = (
        "rectify"
    )
    due_day: Day | None = None
    media: Annotated[list[Sha256], Field(max_length=24)] = Field(default=[])
    lat_deg: Latitude | None = None
    lon_deg: Longitude | None = None
    t_ms: Milliseconds


class EditHazard(Body):
    """Change a hazard field by field, as `EditPaper` does a draft."""

    id: RecordId
    t_ms: Milliseconds
    was: Values
    now: Values


class ConfirmHazard(Body):
    """A second officer confirms that it is a major one, or says that it is not."""

    id: RecordId
    t_ms: Milliseconds
    confirm: bool
    reason: LongText = ""


class RectifyHazard(Body):
    """The enterprise says that it is done; shown by words and pictures."""

    id: RecordId
    t_ms: Milliseconds
    text: LongText = ""
    media: Annotated[list[Sha256], Field(max_length=24)] = Field(default=[])


class CheckHazard(Body):
    """What a re-check found."""

    id: RecordId
    t_ms: Milliseconds
    result: Literal["cleared", "partly", "not"]
    text: LongText = ""
    media: Annotated[list[Sha256], Field(max_length=24)] = Field(default=[])


class HazardView(View):
    """A hazard."""

    id: str
    version: int
    area: str
    inspection_id: str
    enterprise_id: str
    text: str
    place: str
    level: HazardLevel
    clause_ids: list[str]
    measure: str
    due_day: str | None
    state: HazardState
    found_ms: int
    found_by: str
    confirmed_by: str | None
    """The second person, for a major one."""
    confirmed_ms: int | None
    disputed_reason: str
    """Why the second person did not confirm."""
    media: list[str]
    media_missing: list[str]
    lat_deg: float | None
    lon_deg: float | None
    rectified_ms: int | None
    rectified_text: str
    rectified_media: list[str]
    checked_ms: int | None
    checked_by: str | None
    check_result: str | None
    check_text: str
    conflicts: list[PaperConflictView]


# --- numbers --------------------------------------------------------------------------------------


class DrawNumbers(Body):
    """Draw blocks of document numbers for this handheld, while there is a network."""

    id: RecordId
    office_id: Name
    year: Annotated[int, Field(ge=2000, le=2100)]
    forms: Annotated[dict[FormCode, Annotated[int, Field(ge=1, le=50)]], Field(max_length=30)]
    """How many of each."""


class ReturnNumbers(Body):
    """Give back what will not be used: the numbers are accounted for, never given again."""

    id: RecordId
    block_id: RecordId
    reason: LongText = ""


class NumberBlockView(View):
    """Consecutive numbers of one form, office and year, drawn by one handheld."""

    id: str
    version: int
    area: str
    office_id: str
    form: str
    year: int
    first: int
    last: int
    prefix: str
    """E.g. `（西）应急检记〔2026〕`; the number is followed by 号, or 〔督〕号 for a street."""
    suffix: str
    terminal_id: str
    device_id: str
    drawn_ms: int
    drawn_by: str
    used: list[int]
    returned_ms: int | None
    returned_reason: str


class EnterpriseStanding(View):
    """What law asks to be known of an enterprise before it is inspected and decided on."""

    enterprise_id: str
    visits_this_year: int
    open_hazards: int
    open_major_hazards: int
    penalties_180_days: int
    penalties_1_year: int
    closure_due: bool
    """安全生产法 113(一): a major hazard, and 3 penalties in 180 days or 4 in a year."""
    overdue_orders: int


# --- boards ---------------------------------------------------------------------------------------


class InspectionDossier(View):
    """Everything of an inspection, that of the street it goes on with included."""

    inspection: InspectionView
    earlier: InspectionView | None
    """The street's inspection that was escalated to this one."""
    papers: list[PaperView]
    hazards: list[HazardView]


class DueOrderView(View):
    """An order whose review has not found all of it done."""

    paper_id: str
    inspection_id: str
    enterprise_id: str
    enterprise_name: str
    office_id: str
    area: str
    form: str
    number: str | None
    due_day: str
    days_left: int
    """Calendar days; negative once overdue."""
    reminded_days: int | None


class PeriodView(View):
    """A period of the law that begins with an event on a day, and its last day."""

    name: Literal["hearing", "registered_evidence", "seizure", "payment"]
    form: str
    """The document whose service or issue begins it."""
    field: str
    """The field of that form that takes the day; empty for none."""
    days: int
    working: bool
    """Working days, by the register of holidays."""
    until: str
    basis: str


class PeriodsView(View):
    """Last days as the calendar has them, for a person to take or change."""

    day: str
    calendar_known: bool
    """The holidays of all years that are touched are entered; else weekends alone count."""
    periods: list[PeriodView]


class NumberAccountView(View):
    """What became of the numbers of one form, office and year: drawn = used + returned + out."""

    office_id: str
    form: str
    year: int
    drawn: int
    used: int
    returned: int
    out: int
    """Neither used nor returned."""


class ClosureProposalView(View):
    """An enterprise whose closure is to be considered, and why."""

    enterprise_id: str
    name: str
    area: str
    grade: str | None
    by_article_113: bool
    """A major hazard, and 3 penalties in 180 days or 4 in a year."""
    by_grade: bool
    """Graded C or D."""
    open_major_hazards: int
    penalties_180_days: int
    penalties_1_year: int


class VerificationView(View):
    """What anybody may know who holds a paper: nothing personal."""

    paper_id: str
    form: str
    title: str
    state: PaperState
    issue: int
    sha256: str | None
    issued_day: str | None
    replaced: bool
    """A later version has taken its place."""


class TerminalCoverageView(View):
    """How far a street is equipped with enforcement handhelds (the plan asks for all officers)."""

    area: str
    name: str
    officers: int
    """With a certificate that is valid today."""
    equipped: int
    """Of them those whose account works on a handheld."""
    terminals: int
    heard_in_24_h: int
    last_heard_ms: int | None
