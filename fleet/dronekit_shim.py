"""Lets dronekit 2.9.2 be imported on modern Python: call `install()` before `import dronekit`.

It uses names that Python 3.10 moved to `collections.abc`, and `past.builtins`, which pymavlink no
longer brings along.
"""

import collections
import collections.abc
import sys
import types

__all__ = ["install"]


def install() -> None:
    """Put the missing names back; does nothing where they exist."""
    for name in ("MutableMapping", "Mapping", "Callable", "Iterable"):
        if not hasattr(collections, name):
            setattr(collections, name, getattr(collections.abc, name))
    if "past.builtins" not in sys.modules:
        builtins = types.ModuleType("past.builtins")
        builtins.basestring = str  # type: ignore[attr-defined]
        sys.modules.setdefault("past", types.ModuleType("past"))
        sys.modules["past.builtins"] = builtins
