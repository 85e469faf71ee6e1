"""A command post with 2,000 made-up enterprises, brought in as a file."""

import functools
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from field_api.app import make_services
from field_api.core.access import Principal, Viewer
from field_api.core.registers.exporting import export_table
from field_api.core.registers.tables import TableFormat
from field_api.core.roles import Role
from field_api.features.accounts.tables import User
from field_api.features.registers.enterprises import REGISTER
from field_api.features.registers.importing import FileAsked, import_file
from field_api.settings import Settings
from tests.field_api.core.sample import ENTERPRISE_COLUMNS, Enterprise, sample_enterprises
from tests.field_api.post import OPERATOR, T0_MS, Post, asgi_post

COUNT = 2000


@functools.cache
def made() -> tuple[Enterprise, ...]:
    """Return the enterprises."""
    return tuple(sample_enterprises(COUNT))


@pytest.fixture(scope="session")
def filled(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory whose register of enterprises is full."""
    data_dir = tmp_path_factory.mktemp("filled") / "data"
    shutil.copytree(seeded, data_dir)
    services = make_services(Settings(data_dir=data_dir), lambda: T0_MS)
    who = Principal(None, "", OPERATOR, Viewer(Role.ADMIN))
    rows = [one.row() for one in made()]
    data = export_table(TableFormat.CSV, ENTERPRISE_COLUMNS, rows)
    done = import_file(services, who, REGISTER, data, FileAsked(TableFormat.CSV))
    assert done.created == COUNT, done.errors[:3]
    services.close()
    return data_dir


@pytest.fixture
async def full(filled: Path, tmp_path: Path) -> AsyncGenerator[Post]:
    """A command post with a full register."""
    data_dir = tmp_path / "full"
    shutil.copytree(filled, data_dir)
    async with asgi_post(Settings(data_dir=data_dir, improve_s=0)) as running:
        yield running


async def bound_to(post: Post, username: str, *areas: str) -> httpx.AsyncClient:
    """Return a client of an account that is bound to some areas."""
    with post.services.store.change(OPERATOR) as change:
        user = change.session.exec(select(User).where(User.username == username)).one()
        user.areas = list(areas)
        change.put(user)
        listed = ", ".join(areas)
        change.record("account.changed", user.id, username=username, role=user.role, areas=listed)
    return await post.sign_in(username)
