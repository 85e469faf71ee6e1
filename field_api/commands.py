"""`xunshan serve`; `xunshan admin` and `xunshan tls` are beside it."""

import datetime as dt
import gc
import signal
import socket
import ssl
import sys
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Annotated

import structlog
import typer
import uvicorn
from fastapi import FastAPI

from field_api.admin_commands import admin
from field_api.app import create_app
from field_api.command_line import DataDir, explained, fail, open_settings
from field_api.links.nodes.sessions import NodeSessions
from field_api.opening import owned
from field_api.serving.authority import AuthorityError, TlsFiles, renew
from field_api.serving.certificate import ServedCertificate
from field_api.serving.first_run import address_of, no_account_yet, warnings
from field_api.serving.logs import LogFormat, set_up_logs
from field_api.serving.supervisor import inherited_listener, supervise
from field_api.settings import Settings
from field_api.tls_commands import tls

__all__ = ["admin", "serve", "tls"]

log = structlog.get_logger(__name__)

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


def _certificate(settings: Settings) -> ServedCertificate | None:
    if settings.tls_files is None:
        return None
    files = TlsFiles(settings.tls_dir)
    if settings.tls_cert_file is None and files.authority.exists():
        # Whoever forgot it all year comes in again by starting the server.
        try:
            renew(files, dt.datetime.now(dt.UTC))
        except (AuthorityError, OSError) as error:
            fail(f"The server's certificate can't be renewed: {error}")
    certificate = ServedCertificate(*settings.tls_files)
    try:
        certificate.load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    except (OSError, ValueError) as error:
        fail(
            f"TLS can't be served with {certificate.file} and {certificate.key}: {error}. Both are "
            "PEM files that belong together, the key without a password."
        )
    return certificate


class _Server(uvicorn.Server):
    """Says where it is once it listens, takes renewed certificates, and stops in order."""

    def __init__(
        self,
        config: uvicorn.Config,
        app: FastAPI,
        settings: Settings,
        certificate: ServedCertificate | None,
    ) -> None:
        super().__init__(config)
        self._app = app
        self._settings = settings
        self._certificate = certificate

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
            typer.echo(f"Xunshan command post: {address_of(self._settings)}")
            first_steps = no_account_yet(self._app.state.services)
            if first_steps:
                typer.echo(first_steps)

    async def on_tick(self, counter: int) -> bool:
        """Look every two seconds whether the certificate was renewed."""
        if counter % 20 == 0 and self._certificate is not None and self.config.ssl is not None:
            self._certificate.take_renewed(self.config.ssl)
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop at the first signal; live sockets don't hold the process."""
        self.force_exit = sig == signal.SIGINT and self.should_exit
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let nodes go with the reason, browsers with "try again", and requests end."""
        log.info("stopping", within_s=self._settings.stop_within_s)
        self._app.state.services.part(NodeSessions).end_all()
        await super().shutdown(sockets)


def serve(
    port: Annotated[int | None, typer.Option(help="Port to listen on (8600).")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on (127.0.0.1).")] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate (PEM).")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its private key (PEM).")] = None,
    log_format: Annotated[
        LogFormat | None, typer.Option(help="console for people, json for programs.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that share the work (docs/growing.md).")
    ] = 1,
    data_dir: DataDir = None,
) -> None:
    """Run the command post: API, live updates, video relay and the web app."""
    settings = open_settings(
        data_dir,
        host=host,
        port=port,
        tls_cert_file=tls_cert,
        tls_key_file=tls_key,
        log_format=log_format,
    )
    set_up_logs(settings.log_format)
    inherited = inherited_listener()
    if inherited is not None:
        # A worker: its supervisor owns the folder and has looked at it.
        _run(settings, inherited, _certificate(settings))
        return
    if workers > 1 and not settings.many:
        fail(
            "Several workers need a database and a broker that they share: set database_url and "
            "broker_url (docs/growing.md)."
        )
    with ExitStack() as held:
        # Before anything else: what is refused here has not touched the folder.
        with explained():
            held.enter_context(owned(settings, "serve"))
        certificate = _certificate(settings)
        listener = _listen(settings.host, settings.port)
        if workers == 1:
            _run(settings, listener, certificate)
        else:
            raise typer.Exit(supervise(listener, workers, sys.argv[1:]))


def _run(
    settings: Settings, listener: socket.socket, certificate: ServedCertificate | None
) -> None:
    for warning in warnings(settings):
        log.warning(warning)
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        # The app does it itself, so that it still sees who the peer is.
        proxy_headers=False,
        ssl_certfile=certificate.file if certificate else None,
        ssl_keyfile=certificate.key if certificate else None,
        # Video is compressed already, and deflating every live message costs more than it saves.
        ws_per_message_deflate=False,
        ws_max_size=4_200_000,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        timeout_graceful_shutdown=round(settings.stop_within_s),
        server_header=False,
    )
    try:
        _Server(config, app, settings, certificate).run(sockets=[listener])
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
