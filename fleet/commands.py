"""`xunshan fleet`."""

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import structlog
import typer

from field_api.contract.link import JournalError
from fleet.config import ConfigError, FleetConfig, load_config
from fleet.node import FleetNode
from mission_plans.terrain import TerrainFileError

__all__ = ["fleet"]

log = structlog.get_logger(__name__)


def fleet(
    config: Annotated[
        Path, typer.Option(help="Settings file (JSON); its fields are explained in fleet/config.py")
    ],
) -> None:
    """Fly the aircraft of one launch site.

    Listens for MAVLink vehicles, binds each to its roster id, uploads and flies the sorties the
    command post orders, watches them, records flight logs, and gives other MAVLink programs an
    endpoint per aircraft (TCP, base port + system id).

    Example: xunshan fleet --config fleet.json
    """
    try:
        settings = load_config(config)
        node = FleetNode(settings, _token(settings))
    except (ConfigError, JournalError, TerrainFileError, OSError) as error:
        typer.echo(f"xunshan fleet: {error}", err=True)
        raise typer.Exit(2) from error
    try:
        asyncio.run(_until_stopped(node))
    except ExceptionGroup as group:
        unusable, others = group.split(OSError)
        for error in unusable.exceptions if unusable else ():
            typer.echo(f"xunshan fleet: can't listen: {error}", err=True)
        if others is not None:
            raise others from None
        raise typer.Exit(2) from group


async def _until_stopped(node: FleetNode) -> None:
    work = asyncio.create_task(node.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, work.cancel)
    with suppress(asyncio.CancelledError):
        await work


def _token(settings: FleetConfig) -> str:
    if settings.token_file is not None:
        return settings.token_file.read_text(encoding="utf-8").strip()
    token = os.environ.get("XUNSHAN_NODE_TOKEN", "")
    if not token:
        raise ConfigError("no token: set token_file in the settings, or XUNSHAN_NODE_TOKEN")
    return token
