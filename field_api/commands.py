"""`xunshan serve` and `xunshan admin`."""

import json
import os
import signal
import socket
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer
import uvicorn
from pydantic import ValidationError

from field_api.accounts.records import create_user
from field_api.accounts.rules import Role
from field_api.app import create_app, utc_ms
from field_api.audit.verify import verify_chain
from field_api.errors import ApiError
from field_api.migrate import migrate
from field_api.nodes.records import enrol as enrol_node
from field_api.roster.scenario import ScenarioError, load_scenario, seed_scenario
from field_api.settings import Settings
from field_api.store import Actor, Store

__all__ = ["admin", "serve"]

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Where database and pictures are kept.")
]

SEND_BUFFER_BYTES = 64 * 1024
"""Kernel buffer per connection: a slow viewer's lag is then in our queue, which skips ahead."""

admin = typer.Typer(help="Look after the command post's data.", no_args_is_help=True)


def _fail(text: str) -> NoReturn:
    typer.echo(text, err=True)
    raise typer.Exit(2)


def _settings(
    data_dir: Path | None, *, host: str | None = None, port: int | None = None
) -> Settings:
    given = {
        name: value
        for name, value in (("data_dir", data_dir), ("host", host), ("port", port))
        if value is not None
    }
    try:
        settings = Settings(**given)  # pyright: ignore[reportArgumentType]
    except (ValidationError, OSError) as error:
        _fail(f"The configuration is wrong: {error}")
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        probe = settings.data_dir / f".write-test-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        _fail(
            f"The data directory {settings.data_dir} can't be written ({error.strerror}). "
            "Name another with --data-dir or XUNSHAN_DATA_DIR, or change its permissions."
        )
    return settings


def _store(data_dir: Path | None) -> tuple[Settings, Store]:
    settings = _settings(data_dir)
    migrate(settings.database_file)
    return settings, Store(settings.database_file, utc_ms)


def _operator() -> Actor:
    name = os.environ.get("USER") or "operator"
    return Actor(f"cli:{name}", name, "command line")


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        _fail(
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
    settings = _settings(data_dir, host=host, port=port)
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


@admin.command("migrate")
def migrate_command(data_dir: DataDir = None) -> None:
    """Bring the database to this version's schema."""
    settings = _settings(data_dir)
    migrate(settings.database_file)
    typer.echo(f"{settings.database_file} is up to date")


@admin.command()
def seed(
    scenario: Annotated[Path, typer.Option(help="Scenario file (JSON).")],
    data_dir: DataDir = None,
    demo_accounts: Annotated[
        bool, typer.Option(help="Also make the demo's accounts (known password).")
    ] = False,
) -> None:
    """Load roster, terminals, teams, points and fences from a scenario; repeating it updates."""
    try:
        loaded = load_scenario(scenario)
    except ScenarioError as error:
        _fail(str(error))
    _, store = _store(data_dir)
    seed_scenario(store, _operator(), loaded, demo_accounts=demo_accounts)
    typer.echo(
        f"{len(loaded.aircraft)} aircraft, {len(loaded.terminals)} terminals, "
        f"{len(loaded.teams)} teams, {len(loaded.points)} points, {len(loaded.fences)} fences"
    )


@admin.command()
def enrol(
    node_id: Annotated[str, typer.Argument(help="The node's name, e.g. fleet-1.")],
    kind: Annotated[str, typer.Argument(help="fleet or vision.")],
    data_dir: DataDir = None,
) -> None:
    """Let a node sign in; prints its token, once."""
    if kind not in ("fleet", "vision"):
        _fail(f"A node is of kind fleet or vision, not {kind}.")
    if not 1 <= len(node_id) <= 80:
        _fail("A node's name has 1 to 80 characters.")
    _, store = _store(data_dir)
    typer.echo(enrol_node(store, _operator(), node_id, kind))


@admin.command("create-user")
def create_user_command(
    username: Annotated[str, typer.Argument(help="Name to sign in with.")],
    role: Annotated[Role, typer.Option(help="What the person does.")],
    name: Annotated[str, typer.Option(help="The person's name.")],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True)],
    terminal: Annotated[str | None, typer.Option(help="The handheld they work on.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Make an account."""
    _, store = _store(data_dir)
    try:
        with store.change(_operator()) as change:
            create_user(
                change,
                username=username,
                name=name,
                role=role,
                password=password,
                terminal_id=terminal,
            )
    except ApiError as error:
        _fail(error.detail.text_en)
    typer.echo(f"{username} can sign in as {role.value}")


@admin.command("verify-audit")
def verify_audit(
    data_dir: DataDir = None,
    head: Annotated[str | None, typer.Option(help="A head noted earlier: it must exist.")] = None,
) -> None:
    """Prove the audit chain; exit code 1 where it is broken."""
    _, store = _store(data_dir)
    with store.read() as session:
        report = verify_chain(session, noted_head=head)
    typer.echo(f"{report.entries} entries, head {report.head}")
    if not report.intact:
        typer.echo(f"BROKEN at entry {report.broken_seq}: {report.reason}", err=True)
        raise typer.Exit(1)
    typer.echo("The chain is whole.")


@admin.command()
def openapi() -> None:
    """Print the OpenAPI document, from which the web client is generated."""
    document = create_app(Settings()).openapi()
    typer.echo(json.dumps(document, ensure_ascii=False, indent=1))
