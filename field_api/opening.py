"""Opening the data folder: as its owner, or beside the server that owns it."""

from collections.abc import Generator
from contextlib import ExitStack, closing, contextmanager

from sqlalchemy.exc import OperationalError

from field_api.app import utc_ms
from field_api.core.data_folder import (
    DataFolderError,
    FolderInUseError,
    fit_to_open,
    hold,
)
from field_api.core.database_file import check_pages, opened_file
from field_api.migrate import MigrationError, known_revisions, migrate
from field_api.settings import Settings
from field_api.upgrade import Kept, check_revision, upgrade_folder

__all__ = ["beside", "owned"]


@contextmanager
def owned(settings: Settings, purpose: str) -> Generator[Kept | None]:
    """Own the data folder, checked and brought to this version; give what an upgrade kept.

    Raises:
        DataFolderError: another process owns it, or what is in it can't be used.
        OSError: the disk fails, e.g. because it is full.
    """
    if settings.database_url:
        # Servers that meet at a broker are workers of one post.
        with hold(settings.data_dir, purpose, shared=purpose == "serve" and settings.many):
            settings.media_dir.mkdir(mode=0o700, exist_ok=True)
            migrate_server(settings.database)
            yield None
        return
    with hold(settings.data_dir, purpose):
        fit_to_open(settings.data_dir)
        kept = upgrade_folder(settings.database_file, utc_ms)
        if kept is None:
            check_pages(settings.database_file)
        _check_media(settings)
        yield kept


@contextmanager
def beside(settings: Settings, purpose: str, *, writes: bool) -> Generator[None]:
    """Open the data folder for a command that may work beside a running server.

    Where no server owns the folder, one that writes owns it for as long as it takes; one that reads
    owns it only to bring the database to this version, and is in nobody's way after that.

    Raises:
        DataFolderError: another process is at work that must be alone, or what is in the folder
            can't be used.
        OSError: the disk fails.
    """
    if settings.database_url:
        migrate_server(settings.database)
        yield
        return
    with ExitStack() as held:
        try:
            held.enter_context(hold(settings.data_dir, purpose))
        except FolderInUseError as error:
            if error.purpose != "serve":
                raise
            moment = check_revision(settings.database_file)
            if moment.revision != known_revisions()[0]:
                raise DataFolderError(
                    "The server on this folder is of another version, or is just being upgraded: "
                    "use the command of its version, or repeat this one when it is up."
                ) from None
        else:
            fit_to_open(settings.data_dir)
            upgrade_folder(settings.database_file, utc_ms)
            if not writes:
                held.close()
        yield


def migrate_server(url: str) -> None:
    """Bring a database server's database to this version.

    Raises:
        DataFolderError: it is newer than this version, or does not answer.
    """
    try:
        migrate(url)
    except (MigrationError, OperationalError) as error:
        said = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise DataFolderError(
            f"The database of database_url can't be used: {said}. Start PostgreSQL, or name "
            "another database."
        ) from None


def _check_media(settings: Settings) -> None:
    """Refuse to serve records whose pictures are not there: a disk that was not mounted, say."""
    if settings.media_dir.is_dir():
        return
    with closing(opened_file(settings.database_file)) as connection:
        [(files,)] = connection.execute("SELECT count(*) FROM media").fetchall()
    if files:
        raise DataFolderError(
            f"The folder {settings.media_dir} is missing and the database names {files} files in "
            "it: mount or restore it, or make an empty folder to go on without them."
        )
