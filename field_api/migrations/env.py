"""Alembic's environment: the tables of every feature."""

from alembic import context
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from field_api.declared import FEATURES

# Features declare every table.
assert FEATURES
url = context.config.get_main_option("sqlalchemy.url")
assert url is not None
engine = create_engine(url)
with engine.connect() as connection:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    connection.commit()
    context.configure(
        connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
