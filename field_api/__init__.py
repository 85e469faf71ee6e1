"""The command post server: incidents, tasks, detections, audit, live fan-out, video and web."""

from importlib.metadata import PackageNotFoundError, version

__all__ = ["__version__"]

try:
    __version__ = version("xunshan")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "0.0.0"
"""Version of the installed distribution."""
