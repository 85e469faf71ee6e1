"""`xunshan vision`: the command line of the vision node."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from field_api.contract.link import JournalError
from mission_plans.terrain import TerrainFileError
from vision.config import ConfigError, load_config
from vision.registry import ModelError

__all__ = ["vision"]


def vision(
    config: Annotated[
        Path,
        typer.Option(
            "--config",
            "-c",
            help="Settings file (JSON or TOML).",
            show_default=False,
        ),
    ],
    check: Annotated[
        bool, typer.Option("--check", help="Check the settings and the model, then stop.")
    ] = False,
) -> None:
    """Search camera streams for people and smoke, and relay their video.

    Each stream is read (MPEG-TS with KLV, RTSP, RTP or a file), its H.264 goes unchanged to the
    command post (H.265 is examined only), and the newest whole picture is looked at a few times a
    second. What is seen long enough becomes a detection with a place, an error ellipse and
    pictures: a lead for people.

    The smallest settings file:

        {"node_id": "vision-1", "server_url": "http://127.0.0.1:8600",
         "token_file": "vision-1.token", "terrain": "dem.npz",
         "streams": [{"stream_id": "XS-U1-cam", "vehicle_id": "XS-U1",
                      "url": "udp://127.0.0.1:5600"}]}

    `xunshan admin enrol vision-1 vision` makes the token; it may also stand in the environment
    variable XUNSHAN_VISION_TOKEN. Other settings: model, input_width_px, thresholds,
    max_detector_fps, detector_workers, detector_threads, stall_s, data_dir.
    """
    # The network's libraries take seconds to load: a wrong settings file is told at once.
    try:
        settings = load_config(config)
        from vision.node import VisionNode

        node = VisionNode(settings)
    except (ConfigError, ModelError, TerrainFileError, JournalError, OSError) as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(2) from error
    if check:
        typer.echo(f"{config}: {len(settings.streams)} streams, model {settings.model}: good")
        return
    with suppress(KeyboardInterrupt):
        asyncio.run(node.run())
