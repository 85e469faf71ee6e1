"""An area on the ground that an entry stands for: a polygon or a circle."""

from typing import Annotated, Self

import shapely
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from field_api.core.wire import Latitude, Longitude

__all__ = ["Corner", "Outline"]

LEAST_CORNERS = 3


class Corner(BaseModel):
    """A place, WGS-84."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    lat_deg: Latitude
    lon_deg: Longitude


class Outline(BaseModel):
    """Either a ring of corners or a circle; anything else is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    polygon: Annotated[list[Corner], Field(max_length=500)] = Field(default=[])
    """Without its closing point."""
    centre: Corner | None = None
    radius_m: Annotated[float, Field(ge=1, le=50_000)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        circle = self.centre is not None and self.radius_m is not None
        half = (self.centre is None) != (self.radius_m is None)
        if half or circle == bool(self.polygon):
            raise _refusal(
                "应为一个多边形(polygon),或一个圆(centre 和 radius_m)",
                "a polygon, or a circle (centre and radius_m)",
            )
        if self.polygon:
            self._refuse_a_bad_ring()
        return self

    def _refuse_a_bad_ring(self) -> None:
        ring = [(corner.lon_deg, corner.lat_deg) for corner in self.polygon]
        if len(set(ring)) < LEAST_CORNERS:
            raise _refusal("多边形至少有三个顶点", "a polygon has three corners or more")
        if not shapely.Polygon(ring).is_valid:
            raise _refusal("多边形的边不得相交", "the sides of a polygon must not cross")


def _refusal(text_zh: str, text_en: str) -> PydanticCustomError:
    return PydanticCustomError("bilingual", "{text_en}", {"text_zh": text_zh, "text_en": text_en})
