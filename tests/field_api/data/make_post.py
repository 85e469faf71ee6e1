"""Makes a `post_REVISION.sql.gz`: a small database of a schema, a row in every table.

    python -m tests.field_api.data.make_post 0003 FOLDER

takes an earlier one (0003) along with this checkout's migrations, so it is run in a checkout of the
commit whose schema is wanted, and puts a row into each table that is still empty.
"""

import gzip
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from field_api.migrate import migrate_file

HERE = Path(__file__).parent


def value(column: sa.Column[Any], table: str) -> Any:
    """Return something that a column takes."""
    kind = column.type
    if isinstance(kind, sa.Enum):
        return kind.enums[0]
    if isinstance(kind, sa.JSON):
        return []
    if isinstance(kind, sa.Boolean):
        return True
    if isinstance(kind, sa.Integer | sa.Float | sa.Numeric):
        return 1
    if isinstance(kind, sa.LargeBinary):
        return b"1"
    # Columns of a type of our own hold JSON as text.
    return "{}" if type(kind).__module__.startswith("field_api") else f"{table} {column.name}"


def fill(file: Path) -> None:
    """Put a row into each empty table."""
    engine = sa.create_engine(f"sqlite:///{file}")
    metadata = sa.MetaData()
    metadata.reflect(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("PRAGMA foreign_keys=OFF"))
        for table in metadata.sorted_tables:
            count = sa.select(sa.func.count()).select_from(table)
            if not connection.execute(count).scalar_one():
                row = {column.name: value(column, table.name) for column in table.columns}
                for key in table.foreign_keys:
                    first = sa.select(key.column).limit(1)
                    row[key.parent.name] = connection.execute(first).scalar_one_or_none()
                connection.execute(table.insert().values(row))
    engine.dispose()


def main(earlier: str, folder: Path) -> None:
    """Make the database of this checkout's schema."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "post.sqlite3"
        database = sqlite3.connect(file)
        script = gzip.decompress((HERE / f"post_{earlier}.sql.gz").read_bytes()).decode()
        database.executescript(script)
        database.close()
        migrate_file(file)
        fill(file)
        database = sqlite3.connect(file)
        [(revision,)] = database.execute("SELECT version_num FROM alembic_version").fetchall()
        dump = "\n".join(database.iterdump())
        database.close()
    out = folder / f"post_{revision}.sql.gz"
    out.write_bytes(gzip.compress(dump.encode(), 9, mtime=0))
    print(out, len(dump))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
