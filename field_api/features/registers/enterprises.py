"""The register of enterprises: whom inspectors visit."""

from sqlmodel import Field

from field_api.core.records import Record, Sync
from field_api.core.registers.columns import Choice, Column, ColumnKind
from field_api.core.registers.register import Register
from field_api.features.registers.permissions import REGISTER_VIEW, REGISTER_WRITE

__all__ = ["REGISTER", "Enterprise"]


class Enterprise(Record, table=True):
    """A business in the district."""

    name: str = Field(index=True)
    credit_code: str | None = Field(default=None, index=True)
    """统一社会信用代码."""
    industry: str
    grade: str | None = None
    address: str | None = None
    contact: str | None = None
    phone: str | None = None
    representative: str | None = None
    """法定代表人、负责人: whom documents name."""
    scan_code: str | None = Field(default=None, index=True)
    """行政执法监督码, scanned when an inspection enters."""
    employees: int | None = None
    major_hazard: bool = False
    lat_deg: float | None = None
    lon_deg: float | None = None


_K = ColumnKind

REGISTER = Register(
    name="enterprises",
    title_zh="企业",
    title_en="Enterprises",
    table=Enterprise,
    columns=(
        Column("name", _K.TEXT, "企业名称", "Name", required=True, searchable=True),
        Column("credit_code", _K.TEXT, "统一社会信用代码", "Credit code", searchable=True),
        Column("industry", _K.TEXT, "行业", "Industry", required=True, searchable=True),
        Column(
            "grade",
            _K.CHOICE,
            "安全等级",
            "Safety grade",
            choices=(
                Choice("A", "A 级", "A"),
                Choice("B", "B 级", "B"),
                Choice("C", "C 级", "C"),
                Choice("D", "D 级", "D"),
            ),
        ),
        Column("address", _K.TEXT, "地址", "Address", searchable=True),
        Column("contact", _K.TEXT, "联系人", "Contact"),
        Column("phone", _K.TEXT, "电话", "Phone"),
        Column("representative", _K.TEXT, "法定代表人(负责人)", "Representative"),
        Column("scan_code", _K.TEXT, "行政执法监督码", "Scan code", searchable=True),
        Column("employees", _K.INTEGER, "从业人数", "Employees"),
        Column("major_hazard", _K.BOOLEAN, "重大危险源", "Major hazard source"),
        Column("place", _K.POINT, "位置", "Position", sortable=False),
    ),
    reads=REGISTER_VIEW,
    writes=REGISTER_WRITE,
    key=("credit_code",),
    sync=Sync.AREA,
    noun="enterprise",
)
