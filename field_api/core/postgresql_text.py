"""How PostgreSQL is given text. Loaded only where there is such a database."""

from collections.abc import Callable

import psycopg
from psycopg.abc import Buffer
from psycopg.types.string import StrDumperUnknown
from sqlalchemy.engine.interfaces import DBAPIConnection

__all__ = ["clean_text"]


def clean_text(connection: DBAPIConnection, clean: Callable[[str], str]) -> None:
    """Have a new connection send every text as `clean` makes it."""

    class CleanText(StrDumperUnknown):
        def dump(self, obj: str) -> Buffer | None:
            return super().dump(clean(obj))

    assert isinstance(connection, psycopg.Connection)
    connection.adapters.register_dumper(str, CleanText)
