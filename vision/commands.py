"""`xunshan vision`: the command line of the vision node, and of judging its models."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from field_api.contract.link import JournalError
from mission_plans.ground.terrain import TerrainFileError
from vision.backends import BackendName
from vision.config import ConfigError, load_config
from vision.registry import DEFAULT_MODEL, ModelError

__all__ = ["vision"]


vision = typer.Typer(invoke_without_command=True, pretty_exceptions_show_locals=False)


@vision.callback()
def run(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            help="Settings file (JSON or TOML).",
            show_default=False,
        ),
    ] = None,
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
    variable XUNSHAN_VISION_TOKEN. Other settings: model, input_width_px, wide_look_every,
    wide_look_max_px, backend, thresholds, max_detector_fps, detector_workers, detector_threads,
    stall_s, data_dir.
    """
    if context.invoked_subcommand is not None:
        return
    if config is None:
        typer.secho("give a settings file with --config FILE", fg="red", err=True)
        raise typer.Exit(2)
    # The network's libraries take seconds to load: a wrong settings file is told at once.
    try:
        settings = load_config(config)
        from vision.node import VisionNode

        node = VisionNode(settings)
    except (ConfigError, ModelError, TerrainFileError, JournalError, OSError) as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(2) from error
    if check:
        by = f"model {settings.model} by {node.backend}"
        typer.echo(f"{config}: {len(settings.streams)} streams, {by}: good")
        return
    with suppress(KeyboardInterrupt):
        asyncio.run(node.run())


@vision.command()
def evaluate(
    model: Annotated[
        list[str],
        typer.Option(help="Name of a shipped model or path of a card; one or more, side by side."),
    ],
    data: Annotated[
        list[str],
        typer.Option(
            metavar="NAME:LABEL:INDEX=DIR[:PREFIX][@SCALE]",
            help="Set in YOLO's format: its name, the label, the label's number in its files.",
        ),
    ],
    width: Annotated[
        int | None, typer.Option(help="Input width, px, where the model takes any.")
    ] = None,
    min_px: Annotated[float, typer.Option(help="Lowest object that counts, at input size.")] = 9,
    threads: Annotated[int, typer.Option(help="Processor threads.")] = 1,
    backend: Annotated[
        BackendName | None, typer.Option(help="What runs the networks; else the fastest.")
    ] = None,
    card: Annotated[
        bool, typer.Option("--card", help="Write the first model's figures into its card.")
    ] = False,
) -> None:
    """Measure models on labelled pictures, in one table.

    AP50, precision and recall per set, recall by height in pixels and above ground (where the set's
    heights.csv says it), and how many pictures without anything alarm:

        xunshan vision evaluate --model xunshan-people-smoke --model other.json \\
            --data "campus:person:0=PICTURES" --data "smoke:smoke:1=OTHERS"
    """
    from vision.detector import Detector
    from vision.registry import load_card
    from vision.training.evaluate import HEADER, keep_figures, row_of
    from vision.training.evaluate import evaluate as figures_of
    from vision.training.pictures import Subject

    try:
        subjects = [Subject.parse(text) for text in data]
        cards = [load_card(name) for name in model]
        typer.echo(HEADER)
        for number, one in enumerate(cards):
            detector = Detector(one, threads, width if one.flexible else None, backend)
            labels = {one.label_of(c) for c in one.classes}
            figures: dict[str, Any] = {}
            for subject in subjects:
                if subject.label in labels:
                    found = figures_of(detector, subject, min_px)
                    figures[f"{subject.name}/{subject.label}"] = found
                    typer.echo(row_of(one.name, subject.name, found))
            if card and number == 0:
                keep_figures(one, figures)
    except (ValueError, OSError) as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(2) from error


@vision.command()
def speed(
    model: Annotated[
        str, typer.Option(help="Name of a shipped model or path of a card.")
    ] = DEFAULT_MODEL,
    width: Annotated[list[int] | None, typer.Option(help="Input width, px; repeat it.")] = None,
    backend: Annotated[
        BackendName | None, typer.Option(help="What runs the network; else the fastest.")
    ] = None,
) -> None:
    """Print what a look costs here, a line for each width: px and processor milliseconds.

    A stream of three looks a second takes three times that of every second of one core.
    """
    from vision.registry import load_card
    from vision.speed import look_cost_s

    try:
        card = load_card(model)
        for width_px in width or (640, 960, 1280):
            cost_ms = look_cost_s(card, width_px, backend=backend) * 1000
            typer.echo(f"{width_px} {cost_ms:.1f}")
    except (ValueError, OSError) as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(2) from error
