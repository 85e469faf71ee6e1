"""Registers over HTTP, and those of the bureau that belong to no other feature."""

from field_api.core.feature import Feature
from field_api.features.registers.enterprises import ENTERPRISES
from field_api.features.registers.permissions import REGISTER_VIEW, REGISTER_WRITE

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="registers",
    about="Registers: lists, forms, history, import, export",
    registers=(ENTERPRISES,),
    permissions=(REGISTER_VIEW, REGISTER_WRITE),
)
