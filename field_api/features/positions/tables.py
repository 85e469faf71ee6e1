"""Handheld positions: the newest of each, on disk for the next start."""

from sqlmodel import Field, SQLModel

from field_api.core.columns import integer64

__all__ = ["LastPosition"]


class LastPosition(SQLModel, table=True):
    """Where a handheld last said it was; tracks are not kept (PIPL 28: sensitive)."""

    terminal_id: str = Field(primary_key=True)
    t_ms: int = integer64()
    lat_deg: float
    lon_deg: float
    accuracy_m: float | None = None
    battery_fraction: float | None = None
