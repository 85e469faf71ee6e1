"""Measure the budget table: `make bench`, or `python -m tests.benchmarks plans camera` for some.

Every `bench_*.py` module beside this file has `rows()`, which measures and yields
`(name, measured, unit, budget)`; `budget` is text, as the architecture page states it. A fifth
value says that the budget is missed, which is printed bold. Figures are printed, never asserted: a
slow machine is not a broken one. `--small` makes short what can be.
"""

import importlib
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

Row = tuple[str, float, str, str] | tuple[str, float, str, str, bool]


def _modules(wanted: list[str]) -> Iterator[str]:
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        name = path.stem.removeprefix("bench_")
        if not wanted or name in wanted:
            yield name


def _rows(name: str) -> Iterator[Row]:
    yield from importlib.import_module(f"tests.benchmarks.bench_{name}").rows()


def main(wanted: list[str]) -> int:
    """Run the named benchmarks (all without names) and print one table; 1 if any could not run."""
    console = Console(width=140)
    if "--small" in wanted:
        os.environ["BENCH_SMALL"] = "1"
        wanted = [name for name in wanted if name != "--small"]
    failures: list[str] = []
    table = Table(title=f"Xunshan on {os.cpu_count()} cores, Python {platform.python_version()}")
    for column in ("benchmark", "what", "measured", "unit", "budget"):
        table.add_column(column)
    for name in _modules(wanted):
        console.print(f"measuring {name} ...")
        try:
            for what, measured, unit, budget, *missed in _rows(name):
                figure = f"{measured:,.4g}"
                bold = f"[bold]{figure}[/]" if any(missed) else figure
                table.add_row(name, what, bold, unit, budget)
                console.print(f"  {what}: {bold} {unit}")
        except Exception as error:  # noqa: BLE001 - one broken benchmark must not hide the others
            failures.append(f"{name}: {type(error).__name__}: {error}")
    console.print(table)
    for failure in failures:
        console.print(f"could not measure {failure}", style="red")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
