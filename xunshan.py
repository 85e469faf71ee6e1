"""The `xunshan` command: every package brings its own sub-commands by entry point."""

from importlib.metadata import entry_points

import typer

__all__ = ["main"]


def _app() -> typer.Typer:
    app = typer.Typer(
        help="Xunshan 巡山: rescue drones, edge vision and handhelds on one map.",
        no_args_is_help=True,
        pretty_exceptions_show_locals=False,
    )
    for entry in sorted(entry_points(group="xunshan.commands"), key=lambda e: e.name):
        command = entry.load()
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=entry.name)
        else:
            app.command(entry.name)(command)
    return app


def main() -> None:
    """Run the command line; each sub-command explains itself with `--help`."""
    _app()()
