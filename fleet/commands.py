"""`xunshan fleet`."""

import asyncio
import os
import signal
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Annotated

import structlog
import typer

from field_api.contract.link import JournalError
from fleet.config import ConfigError, FleetConfig, load_config
from fleet.giving_keys import KeyNotGivenError, new_key
from fleet.giving_keys import give_key as give_key_to
from fleet.node import FleetNode
from fleet.signing import KeyFileError
from fleet.standby import keep_running
from mission_plans.ground.terrain import TerrainFileError

__all__ = ["fleet"]

log = structlog.get_logger(__name__)

UNUSABLE = 2
"""Exit status where settings, files or ports can't be used."""


def fleet(
    config: Annotated[
        Path, typer.Option(help="Settings file (JSON); its fields are explained in fleet/config.py")
    ],
    give_key: Annotated[
        str, typer.Option(help="Give this aircraft its signing key instead of flying; see --over")
    ] = "",
    over: Annotated[
        str, typer.Option(help="Wired link to it for --give-key, e.g. serial:/dev/ttyACM0:115200")
    ] = "",
    over_the_air: Annotated[
        bool,
        typer.Option(help="Let --over be a radio or network link: anybody there hears the key"),
    ] = False,
) -> None:
    """Fly the aircraft of one launch site.

    Listens for MAVLink vehicles, binds each to its roster id, uploads and flies the sorties the
    command post orders, watches them, records flight logs, and gives other MAVLink programs an
    endpoint per aircraft (TCP, base port + system id).

    A second process waits beside the node: where that is killed in flight another one goes on
    within a second, before any aircraft comes home by itself.

    Example: xunshan fleet --config fleet.json
    Example: xunshan fleet --config fleet.json --give-key XS-U1 --over serial:/dev/ttyACM0:115200
    """
    try:
        settings = load_config(config)
        if give_key:
            _give_key(settings, give_key, over, over_the_air=over_the_air)
            return
        token = _token(settings)
    except (ConfigError, KeyFileError, OSError) as error:
        typer.echo(f"xunshan fleet: {error}", err=True)
        raise typer.Exit(UNUSABLE) from error
    status = keep_running(partial(_work, settings, token))
    if status:
        raise typer.Exit(status)


def _work(settings: FleetConfig, token: str) -> int:
    """Run a node until it is told to stop; return the exit status."""
    try:
        node = FleetNode(settings, token)
    except (JournalError, KeyFileError, TerrainFileError, OSError) as error:
        typer.echo(f"xunshan fleet: {error}", err=True)
        return UNUSABLE
    try:
        asyncio.run(_until_stopped(node))
    except ExceptionGroup as group:
        unusable, others = group.split(OSError)
        for error in unusable.exceptions if unusable else ():
            typer.echo(f"xunshan fleet: can't listen: {error}", err=True)
        if others is not None:
            raise others from None
        return UNUSABLE
    return 0


def _give_key(settings: FleetConfig, vehicle_id: str, over: str, *, over_the_air: bool) -> None:
    vehicle = next((v for v in settings.vehicles if v.vehicle_id == vehicle_id), None)
    if vehicle is None:
        raise ConfigError(f"{vehicle_id} is not in the settings")
    if settings.signing_keys is None:
        raise ConfigError("signing_keys is not in the settings: it names the file for the keys")
    key = new_key(settings.signing_keys, vehicle_id)
    try:
        asyncio.run(give_key_to(over, vehicle.sysid, key, over_the_air=over_the_air))
    except (KeyNotGivenError, ValueError) as error:
        raise ConfigError(str(error)) from error
    typer.echo(f"{vehicle_id} signs with its key from now on; restart the node")


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
