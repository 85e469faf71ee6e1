"""The registers of offices and of officers with their certificates."""

from sqlmodel import Field

from field_api.core.records import Record, Sync
from field_api.core.registers.columns import Choice, Column, ColumnKind, text_column
from field_api.core.registers.register import Register
from field_api.features.inspections.permissions import INSPECTION_SETUP, INSPECTION_VIEW

__all__ = ["REGISTERS", "Office", "Officer"]


class Office(Record, table=True):
    """Who issues: the bureau, or a street."""

    name: str
    short_name: str
    """As in numbers; another one for every office: 西."""
    tier: str
    reconsideration: str = ""
    """Where to ask for reconsideration."""
    court: str = ""
    has_penalty_power: bool = False
    """A street to which the province gave the power to punish (行政处罚法 24)."""
    announcement: str = ""
    """Number of the announcement that gave it."""


class Officer(Record, table=True):
    """A person with a certificate of administrative enforcement."""

    name: str
    certificate: str
    valid_from: str | None = None
    valid_to: str | None = None
    office_id: str
    username: str | None = Field(default=None, index=True)
    """The account they sign in with."""


_K = ColumnKind


REGISTERS = (
    Register(
        name="offices",
        title_zh="执法单位",
        title_en="Enforcement offices",
        table=Office,
        columns=(
            text_column("name", "名称", "Name", required=True),
            text_column("short_name", "文号简称", "Short name in numbers", required=True),
            Column(
                "tier",
                _K.CHOICE,
                "层级",
                "Tier",
                required=True,
                choices=(Choice("bureau", "区局", "Bureau"), Choice("street", "街道", "Street")),
            ),
            text_column("reconsideration", "行政复议机关", "Reconsideration by"),
            text_column("court", "行政诉讼法院", "Court"),
            Column("has_penalty_power", _K.BOOLEAN, "已承接处罚权", "Has the power to punish"),
            text_column("announcement", "承接处罚权公告", "Announcement of that power"),
        ),
        reads=INSPECTION_VIEW,
        writes=INSPECTION_SETUP,
        key=("short_name",),
        sync=Sync.AREA,
        noun="office",
    ),
    Register(
        name="officers",
        title_zh="执法人员",
        title_en="Enforcement officers",
        table=Officer,
        columns=(
            text_column("name", "姓名", "Name", required=True),
            text_column("certificate", "执法证号", "Certificate", required=True),
            Column("valid_from", _K.DATE, "有效期起", "Valid from"),
            Column("valid_to", _K.DATE, "有效期至", "Valid until"),
            text_column("office_id", "执法单位编号", "Office", required=True),
            text_column("username", "账号", "Account"),
        ),
        reads=INSPECTION_VIEW,
        writes=INSPECTION_SETUP,
        key=("certificate",),
        sync=Sync.AREA,
        noun="officer",
    ),
)
