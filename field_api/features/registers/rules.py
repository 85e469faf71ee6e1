"""How an entry may be called. Pure."""

import re

from pydantic import TypeAdapter, ValidationError

from field_api.contract.ids import RecordId

__all__ = ["ENTRY_ID", "RESERVED_IDS", "is_entry_id", "is_made_here"]

ENTRY_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$"
"""A UUIDv7, or a name that people gave, such as HT-05: it stands in addresses as it is."""
RESERVED_IDS = ("export", "import")
"""Parts of addresses that no entry can be called."""

_entry_id = re.compile(ENTRY_ID, re.ASCII)
_record_id: TypeAdapter[str] = TypeAdapter(RecordId)


def is_entry_id(text: str) -> bool:
    """Whether an entry may be called so."""
    return _entry_id.fullmatch(text) is not None and text not in RESERVED_IDS


def is_made_here(text: str) -> bool:
    """Whether it is an id as Xunshan's programs make them: a UUIDv7."""
    try:
        _record_id.validate_python(text)
    except ValidationError:
        return False
    return True
