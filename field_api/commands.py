"""`xunshan serve`; `xunshan admin` is beside it."""

import gc
import signal
import socket
from contextlib import ExitStack
from types import FrameType
from typing import Annotated

import typer
import uvicorn

from field_api.admin_commands import admin
from field_api.app import create_app
from field_api.command_line import DataDir, explained, fail, open_settings
from field_api.opening import owned
from field_api.settings import Settings

__all__ = ["admin", "serve"]

SEND_BUFFER_BYTES = 64 * 1024
"""Kernel buffer per connection: a slow viewer's lag is then in our queue, which skips ahead."""


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        fail(
            f"Can't listen on {host}:{port} ({error.strerror}). "
            "Stop the program that uses the port, or choose another with --port."
        )
    return listener


class _Server(uvicorn.Server):
    """Says where it is once it listens."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then print the console's address."""
        await super().startup(sockets)
        # What was built for the start lives as long as the process. Left to the collector, a
        # quarter of a million objects were looked through every other second under load, everyone
        # waiting; and a request's own objects are gone when it ends, so that looking rarely does.
        gc.collect()
        gc.freeze()
        gc.set_threshold(10_000)
        if self.started:
            typer.echo(f"Xunshan command post: {self._address}")

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop at the first signal; live sockets don't hold the process."""
        self.force_exit = sig == signal.SIGINT and self.should_exit
        super().handle_exit(sig, frame)


def serve(
    port: Annotated[int | None, typer.Option(help="Port to listen on (8600).")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on (127.0.0.1).")] = None,
    data_dir: DataDir = None,
) -> None:
    """Run the command post: API, live updates, video relay and the web app."""
    settings = open_settings(data_dir, host=host, port=port)
    with ExitStack() as held:
        # Before anything else: what is refused here has not touched the folder.
        with explained():
            held.enter_context(owned(settings, "serve"))
        _run(settings)


def _run(settings: Settings) -> None:
    listener = _listen(settings.host, settings.port)
    config = uvicorn.Config(
        create_app(settings),
        log_level="warning",
        access_log=False,
        # Video is compressed already, and deflating every live message costs more than it saves.
        ws_per_message_deflate=False,
        ws_max_size=4_200_000,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        timeout_graceful_shutdown=3,
        server_header=False,
    )
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    try:
        _Server(config, f"http://{shown}:{settings.port}").run(sockets=[listener])
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
