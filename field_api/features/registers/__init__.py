"""Registers over HTTP, and those of the bureau that belong to no other feature.

Every module of this folder that declares `REGISTER` or `REGISTERS` is one: see `enterprises.py`.
"""

from collections.abc import Iterable

from field_api.core.feature import Feature
from field_api.core.registers.finding import found_registers
from field_api.features.registers.danger_zones import DANGER_ZONE_WRITE
from field_api.features.registers.edits import CONFLICTS, EDIT
from field_api.features.registers.permissions import REGISTER_VIEW, REGISTER_WRITE
from field_api.features.registers.routes import router

__all__ = ["FEATURE", "make_feature"]


def make_feature(path: Iterable[str]) -> Feature:
    """Return the feature with the registers declared below `path`."""
    return Feature(
        name="registers",
        about="Registers: lists, forms, history, import, export",
        routers=(router,),
        records=(CONFLICTS,),
        operations=(EDIT,),
        registers=found_registers(__name__, path),
        permissions=(REGISTER_VIEW, REGISTER_WRITE, DANGER_ZONE_WRITE),
    )


FEATURE = make_feature(__path__)
