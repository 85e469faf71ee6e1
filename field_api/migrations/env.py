"""Alembic's environment: the tables of every feature."""

from alembic import context
from sqlalchemy import Connection, create_engine
from sqlmodel import SQLModel

from field_api.declared import FEATURES

# Features declare every table.
assert FEATURES


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    url = context.config.get_main_option("sqlalchemy.url")
    assert url is not None
    engine = create_engine(url)
    with engine.connect() as made:
        made.exec_driver_sql("PRAGMA journal_mode=WAL")
        made.commit()
        _run(made)
    engine.dispose()
