"""`xunshan` command lines run one after the other in one process, loading only what they need.

Starting Python and importing a package costs seconds on a small machine; the demo's start is
measured, so its steps share processes where they can.

    python -m sim.demo.command_line '[["admin", "migrate"], ["serve", "--port", "8600"]]'
"""

import json
import sys
from collections.abc import Sequence
from importlib.metadata import entry_points

import typer

__all__ = ["python_words", "run_lines"]


def python_words(*lines: Sequence[str]) -> list[str]:
    """Return the command that runs these `xunshan` lines in this very Python."""
    return [sys.executable, "-m", "sim.demo.command_line", json.dumps(lines)]


def run_lines(lines: Sequence[Sequence[str]]) -> None:
    """Run each line; the first that fails ends the process with its status."""
    for name, *words in lines:
        (entry,) = entry_points(group="xunshan.commands", name=name)
        command = entry.load()
        if isinstance(command, typer.Typer):
            app = command
        else:
            app = typer.Typer(pretty_exceptions_show_locals=False)
            app.command(name)(command)
        try:
            app(args=words, prog_name=f"xunshan {name}")
        except SystemExit as end:
            if end.code:
                raise


if __name__ == "__main__":
    run_lines(json.loads(sys.argv[1]))
