"""The `xunshan` command: every package brings its own sub-commands by entry point."""

import gc
import sys
from importlib.metadata import EntryPoint, entry_points

import structlog
import typer

__all__ = ["command_line", "log_plainly", "main"]

HELP = "Xunshan 巡山: rescue drones, edge vision and handhelds on one map."


def _wanted(arguments: list[str]) -> list[EntryPoint]:
    """Return the entry points to load: one if the first argument names it, else all."""
    found = sorted(entry_points(group="xunshan.commands"), key=lambda entry: entry.name)
    named = [entry for entry in found if arguments and entry.name == arguments[0]]
    # Loading every package takes seconds; the one that is asked for does not need the others.
    return named or found


def command_line(arguments: list[str]) -> typer.Typer:
    """Return the commands that some arguments may mean, all of them without any."""
    app = typer.Typer(help=HELP, no_args_is_help=True, pretty_exceptions_show_locals=False)
    # A callback keeps the sub-command's name when it is the only one loaded.
    app.callback(help=HELP)(_nothing)
    for entry in _wanted(arguments):
        command = entry.load()
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=entry.name)
        else:
            app.command(entry.name)(command)
    return app


def _nothing() -> None:
    """Stand before every sub-command."""


def log_plainly() -> None:
    """Log for people, exceptions without the values of variables.

    structlog's default shows them all, and needs seconds for one exception of a whole command post:
    a node or a server would stand still for as long.
    """
    renderer = structlog.dev.ConsoleRenderer(
        colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], renderer])


def main() -> None:
    """Run the command line; each sub-command explains itself with `--help`."""
    log_plainly()
    # What is loaded stays: looking through it for garbage takes a tenth of the start.
    gc.disable()
    commands = command_line(sys.argv[1:])
    gc.freeze()
    gc.enable()
    commands()


if __name__ == "__main__":
    main()
