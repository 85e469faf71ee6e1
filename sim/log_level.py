"""How the simulator's processes log."""

import logging

import structlog

__all__ = ["log_from_info"]


def log_from_info() -> None:
    """Leave out debug lines; the rest goes to standard output, one line each."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
