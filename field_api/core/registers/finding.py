"""Registers found by looking: a new one is its file in a folder, and no line elsewhere."""

import importlib
import pkgutil
from collections.abc import Iterable
from typing import Any

from field_api.core.registers.register import Register

__all__ = ["found_registers"]


def found_registers(package: str, path: Iterable[str]) -> tuple[Register[Any], ...]:
    """Return what the modules of a package declare as `REGISTER` or `REGISTERS`, by name.

    Args:
        package: dotted name of the package.
        path: its `__path__`.

    Raises:
        ValueError: two registers have one name.
    """
    found: dict[str, Register[Any]] = {}
    for module in sorted(pkgutil.iter_modules(path), key=lambda one: one.name):
        loaded = importlib.import_module(f"{package}.{module.name}")
        one = getattr(loaded, "REGISTER", None)
        declared: tuple[Register[Any], ...] = getattr(loaded, "REGISTERS", ())
        for register in (*declared, *((one,) if isinstance(one, Register) else ())):
            if register.name in found:
                raise ValueError(f"two registers are called {register.name}")
            found[register.name] = register
    return tuple(found.values())
