"""How vision nodes are to look: one table."""

from field_api.contract.messages import PictureRegion, Thresholds
from field_api.core.columns import integer64, shape
from field_api.core.records import Record

__all__ = ["DetectorSetting"]


class DetectorSetting(Record, table=True):
    """The rules of one vision node; its id is the node's. Absent, the node's own settings count."""

    thresholds: Thresholds = shape(Thresholds)
    ignored: dict[str, list[PictureRegion]] = shape(dict[str, list[PictureRegion]])
    """By stream."""
    model: str | None = None
    reason: str = ""
    changed_ms: int = integer64()
    changed_by: str
