"""One log for everything: our own lines and those of the libraries, for people or for programs."""

import logging
import sys
from typing import Literal

import structlog

__all__ = ["set_up_logs"]

LogFormat = Literal["console", "json"]


def set_up_logs(log_format: LogFormat) -> None:
    """Send everything through one renderer to standard error."""
    before: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    if log_format == "json":
        rendered: list[structlog.types.Processor] = [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    else:
        # The default shows the values of all variables, which takes seconds for one exception.
        plain, colors = structlog.dev.plain_traceback, sys.stderr.isatty()
        rendered = [structlog.dev.ConsoleRenderer(exception_formatter=plain, colors=colors)]
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendered],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    # Every request has its line from us; what the libraries say of theirs is noise beside it.
    for name in ("alembic", "httpx", "websockets", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.WARNING)
