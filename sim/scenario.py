"""The demo that ships with the package; scenario files are read by the contract."""

from pathlib import Path

__all__ = ["DEFAULT_SCENARIO"]

DEFAULT_SCENARIO = Path(__file__).parent / "data" / "demo_xishan_0315.json"
