"""Law as data: clauses with edition and dates, checklists, holidays."""

from field_api.core.feature import Feature
from field_api.core.services import Services
from field_api.features.law.dangerous_sources import DANGEROUS_SOURCES
from field_api.features.law.permissions import LAW_VIEW, LAW_WRITE, SOURCES_WRITE
from field_api.features.law.registers import REGISTERS
from field_api.features.law.seeds import put_in_law

__all__ = ["FEATURE"]


def _start(ctx: Services) -> None:
    put_in_law(ctx)


FEATURE = Feature(
    name="law",
    about="Clauses, checklists and holidays by date",
    registers=(*REGISTERS, DANGEROUS_SOURCES),
    permissions=(LAW_VIEW, LAW_WRITE, SOURCES_WRITE),
    starts=_start,
)
