"""Aircraft, pilots, teams, handhelds, places and airspace."""

from field_api.core.feature import Feature
from field_api.features.roster.permissions import (
    AIRSPACE_APPROVE,
    ROSTER_OWN,
    ROSTER_VIEW,
    ROSTER_WRITE,
)
from field_api.features.roster.registers import REGISTERS
from field_api.features.roster.routes import APPROVE, router

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="roster",
    about="Aircraft, handhelds, teams, places, airspace",
    routers=(router,),
    registers=REGISTERS,
    operations=(APPROVE,),
    permissions=(ROSTER_VIEW, ROSTER_OWN, ROSTER_WRITE, AIRSPACE_APPROVE),
)
