"""What was listed last on board of an aircraft: the table."""

from field_api.contract.messages import FileEntry
from field_api.core.columns import integer64, shape
from field_api.core.records import Record

__all__ = ["OnboardListing"]


class OnboardListing(Record, table=True):
    """One directory, the one that was listed last; its id is the aircraft's."""

    t_ms: int = integer64()
    path: str
    entries: list[FileEntry] = shape(list[FileEntry])
