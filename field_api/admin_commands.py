"""`xunshan admin`: looking after the command post's data from its own machine."""

import json
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import structlog
import typer
from sqlmodel import col, select

from field_api.access_table import access_table
from field_api.app import create_app, utc_ms
from field_api.command_line import DataDir, explained, fail, open_settings
from field_api.contract.ids import new_id
from field_api.contract.scenario import ScenarioError, load_scenario
from field_api.core.audit.trail import list_entries, verify_chain
from field_api.core.blobs.files import BlobFiles
from field_api.core.change import Change
from field_api.core.database import Store
from field_api.core.errors import ApiError
from field_api.core.roles import Actor, Role
from field_api.features.accounts.demo import seed_accounts
from field_api.features.accounts.devices import enrol_node, give_code, set_device_state
from field_api.features.accounts.messages import ChangeAccount
from field_api.features.accounts.operations import (
    change_account,
    create_user,
    erase_person,
    find_user,
    set_password,
)
from field_api.features.accounts.tables import Device, DeviceKind, DeviceState, User, UserSession
from field_api.features.detections.labels import write_labels
from field_api.features.inspections.demo import seed_inspections
from field_api.features.roster.scenario import seed_roster
from field_api.opening import beside, owned
from field_api.serving.settings_reference import settings_reference
from field_api.settings import Settings

__all__ = ["DataDir", "admin", "fail", "open_settings"]

admin = typer.Typer(no_args_is_help=True)


@admin.callback()
def _look_after() -> None:
    """Look after the command post's data."""
    # What a command prints is its answer, which scripts read; the log stands beside it.
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))


@contextmanager
def _store(data_dir: Path | None, purpose: str, *, writes: bool = False) -> Generator[Store]:
    """Give the store, also beside a running server, or end the command with a sentence."""
    settings = open_settings(data_dir)
    with explained(), beside(settings, f"admin {purpose}", writes=writes):
        store = Store(settings.database, utc_ms)
        try:
            yield store
        finally:
            store.close()


def _operator() -> Actor:
    name = os.environ.get("USER") or "operator"
    return Actor(f"cli:{name}", name, "command line")


@contextmanager
def _change(data_dir: Path | None) -> Generator[Change]:
    """Give a change by whoever types, or end the command with why it is refused."""
    with _store(data_dir, "change", writes=True) as store:
        try:
            with store.change(_operator()) as change:
                yield change
        except ApiError as error:
            fail(error.detail.text_en)


@admin.command("migrate")
def migrate_command(data_dir: DataDir = None) -> None:
    """Bring the database to this version's schema."""
    settings = open_settings(data_dir)
    with explained(), owned(settings, "admin migrate"):
        typer.echo("The database is up to date")


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
        fail(str(error))
    with _change(data_dir) as change:
        seed_roster(change, loaded)
        if demo_accounts:
            seed_accounts(change, loaded)
            seed_inspections(change)
    typer.echo(
        f"{len(loaded.aircraft)} aircraft, {len(loaded.terminals)} terminals, "
        f"{len(loaded.teams)} teams, {len(loaded.points)} points, {len(loaded.fences)} fences"
    )


@admin.command()
def openapi() -> None:
    """Print the OpenAPI document, from which the web client is generated."""
    document = create_app(Settings()).openapi()
    typer.echo(json.dumps(document, ensure_ascii=False, indent=1))


@admin.command()
def access() -> None:
    """Print who may do what as Markdown: docs/access.md."""
    typer.echo(access_table(), nl=False)


@admin.command("settings-reference")
def settings_reference_command() -> None:
    """Print every setting of every program as Markdown: docs/settings.md."""
    typer.echo(settings_reference(), nl=False)


@admin.command()
def labels(
    out: Annotated[Path, typer.Option(help="A new folder.")],
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day (UTC), else all.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Write the alerts that people judged as a labelled set, for training.

    Confirmed alerts are labelled; rejected ones by what their cause says: known and own people are
    labelled, false alarms are pictures without a label, unclear ones are left out. People in the
    pictures are not covered: keep the folder as carefully as the post's own. The set goes into
    `python -m vision.training.prepare --real FOLDER`.
    """
    settings = open_settings(data_dir)
    since_ms = int(since.replace(tzinfo=UTC).timestamp() * 1000) if since else 0
    files = BlobFiles(settings.media_dir)
    with _store(data_dir, "labels", writes=True) as store:
        try:
            with store.read() as session:
                made = write_labels(session, files.path, out, since_ms)
        except OSError as error:
            fail(str(error))
        operator = _operator()
        with store.change(operator) as change:
            change.record(
                "detection.labels_exported",
                "",
                refs={"since_ms": str(since_ms)},
                by=operator.name,
                count=len(made.pictures),
            )
    typer.echo(json.dumps({"pictures": len(made.pictures), "left_out": dict(made.left_out)}))


# --- accounts ----------------------------------------------------------------------------------

user = typer.Typer(help="Accounts: make, list, change, unlock, erase.", no_args_is_help=True)
admin.add_typer(user, name="user")

Username = Annotated[str, typer.Argument(help="Name to sign in with.")]
Password = Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)]
Areas = Annotated[
    list[str] | None, typer.Option("--area", help="Area code the account is limited to; repeat it.")
]


@user.command("add")
@admin.command("create-user")
def create_user_command(
    username: Username,
    role: Annotated[Role, typer.Option(help="What the person does.")],
    name: Annotated[str, typer.Option(help="The person's name.")],
    password: Password,
    terminal: Annotated[str | None, typer.Option(help="The handheld they work on.")] = None,
    area: Areas = None,
    data_dir: DataDir = None,
) -> None:
    """Make an account. The first administrator is made so: --role admin."""
    with _change(data_dir) as change:
        create_user(
            change,
            username=username,
            name=name,
            role=role,
            password=password,
            terminal_id=terminal,
            areas=area,
        )
    typer.echo(f"{username} can sign in as {role.value}")


@user.command("list")
def list_users(data_dir: DataDir = None) -> None:
    """List accounts."""
    with _store(data_dir, "user list") as store, store.read() as session:
        for row in session.exec(select(User).order_by(col(User.username))):
            marks = [
                row.role.value,
                ",".join(row.areas) or "whole district",
                row.terminal_id or "-",
                "disabled" if row.disabled else "",
                "second factor" if row.totp_secret else "",
            ]
            typer.echo("\t".join([row.username, row.name, *filter(None, marks)]))


@user.command("set")
def set_user(
    username: Username,
    role: Annotated[Role | None, typer.Option(help="A new role.")] = None,
    area: Areas = None,
    whole_district: Annotated[bool, typer.Option(help="No area limit.")] = False,
    terminal: Annotated[str | None, typer.Option(help="Handheld; empty takes it away.")] = None,
    disabled: Annotated[bool | None, typer.Option("--disable/--enable")] = None,
    data_dir: DataDir = None,
) -> None:
    """Change role, areas, handheld, or disable; running sessions end."""
    with _change(data_dir) as change:
        row = find_user(change, username)
        body = ChangeAccount(
            version=row.version,
            role=role,
            areas=[] if whole_district else area,
            terminal_id=terminal,
            disabled=disabled,
        )
        change_account(change, None, row, body)
        _end_sessions(change, row)
    typer.echo(f"{username} changed")


def _end_sessions(change: Change, row: User) -> int:
    rows = change.session.exec(select(UserSession).where(UserSession.user_id == row.id)).all()
    for session in rows:
        change.session.delete(session)
    return len(rows)


@user.command("password")
def password_command(username: Username, password: Password, data_dir: DataDir = None) -> None:
    """Give an account a new password; its sessions end."""
    with _change(data_dir) as change:
        row = find_user(change, username)
        set_password(change, row, password, own=False)
        _end_sessions(change, row)
    typer.echo(f"{username} has a new password")


Reason = Annotated[str, typer.Option(help="Why; it goes on record.")]


@user.command("unlock")
def unlock_user(username: Username, reason: Reason, data_dir: DataDir = None) -> None:
    """Open a locked account, also when nobody can sign in: break-glass at the machine itself."""
    with _change(data_dir) as change:
        row = find_user(change, username)
        row.failures, row.locked_until_ms = 0, 0
        change.put(row)
        change.record("account.unlocked", row.id, username=username, reason=reason)
    typer.echo(f"{username} may sign in again")


@user.command("end-sessions")
def end_sessions(username: Username, data_dir: DataDir = None) -> None:
    """End every session of a person."""
    with _change(data_dir) as change:
        row = find_user(change, username)
        count = _end_sessions(change, row)
        change.put(row)
        change.record("session.ended", row.id, username=username, count=count)
    typer.echo(f"{count} sessions ended")


@user.command("erase")
def erase_user(username: Username, reason: Reason, data_dir: DataDir = None) -> None:
    """Erase a person's data; the audit chain stays whole."""
    with _change(data_dir) as change:
        row = find_user(change, username)
        count = erase_person(change, None, row, reason)
        _end_sessions(change, row)
    typer.echo(f"{username} erased; {count} audit entries lost their words")


# --- devices -----------------------------------------------------------------------------------

device = typer.Typer(help="Handhelds and nodes that hold a token.", no_args_is_help=True)
admin.add_typer(device, name="device")


@admin.command()
def enrol(
    node_id: Annotated[str, typer.Argument(help="The node's name, e.g. fleet-1.")],
    kind: Annotated[str, typer.Argument(help="fleet or vision.")],
    data_dir: DataDir = None,
) -> None:
    """Let a node sign in; prints its token, once."""
    if kind not in (DeviceKind.FLEET.value, DeviceKind.VISION.value):
        fail(f"A node is of kind fleet or vision, not {kind}.")
    if not 1 <= len(node_id) <= 80:
        fail("A node's name has 1 to 80 characters.")
    with _change(data_dir) as change:
        token = enrol_node(change, node_id, DeviceKind(kind))
    typer.echo(token)


@device.command("list")
def list_devices(data_dir: DataDir = None) -> None:
    """List devices."""
    with _store(data_dir, "device list") as store, store.read() as session:
        for row in session.exec(select(Device).order_by(col(Device.subject_id))):
            typer.echo(
                "\t".join((row.id, row.kind.value, row.subject_id, row.state.value, row.name))
            )


@device.command("invite")
def invite(
    subject: Annotated[str, typer.Argument(help="Terminal id, e.g. HT-05, or a node's name.")],
    kind: Annotated[DeviceKind, typer.Option()] = DeviceKind.HANDHELD,
    name: Annotated[str, typer.Option(help="What people call it.")] = "",
    data_dir: DataDir = None,
) -> None:
    """Give out a one-time code for a device; prints it, once."""
    with _change(data_dir) as change:
        row = change.create(
            Device(
                id=new_id() if kind is DeviceKind.HANDHELD else subject,
                kind=kind,
                subject_id=subject,
                name=name or subject,
                state=DeviceState.INVITED,
            )
        )
        code = give_code(change, row)
    typer.echo(code)


def _set_state(device_id: str, state: DeviceState, reason: str, data_dir: Path | None) -> None:
    with _change(data_dir) as change:
        row = change.get(Device, device_id)
        set_device_state(change, row, state, reason)
    typer.echo(f"{device_id} is {state.value}")


DeviceId = Annotated[str, typer.Argument(help="As `device list` shows it.")]


@device.command("lock")
def lock(device_id: DeviceId, reason: Reason, data_dir: DataDir = None) -> None:
    """Refuse what a device sends; what it holds stays."""
    _set_state(device_id, DeviceState.LOCKED, reason, data_dir)


@device.command("unlock")
def unlock(device_id: DeviceId, reason: Reason, data_dir: DataDir = None) -> None:
    """Let a locked device work again."""
    _set_state(device_id, DeviceState.ENROLLED, reason, data_dir)


@device.command("wipe")
def wipe(device_id: DeviceId, reason: Reason, data_dir: DataDir = None) -> None:
    """Tell a device to delete what it holds at its next contact."""
    _set_state(device_id, DeviceState.WIPING, reason, data_dir)


@device.command("revoke")
def revoke(device_id: DeviceId, reason: Reason, data_dir: DataDir = None) -> None:
    """Take a device's token away for good."""
    _set_state(device_id, DeviceState.REVOKED, reason, data_dir)


# --- the trail ---------------------------------------------------------------------------------

audit = typer.Typer(help="The hash-chained audit trail.", no_args_is_help=True)

Head = Annotated[str | None, typer.Option(help="A head noted earlier: it must exist.")]


@audit.command("verify")
@admin.command("verify-audit")
def verify_audit(data_dir: DataDir = None, head: Head = None) -> None:
    """Prove the audit chain; exit code 1 where it is broken."""
    with _store(data_dir, "verify-audit") as store, store.read() as session:
        report = verify_chain(session, noted_head=head)
    typer.echo(f"{report.entries} entries, {report.erased} without words, head {report.head}")
    if not report.intact:
        typer.echo(f"BROKEN at entry {report.broken_seq}: {report.reason}", err=True)
        raise typer.Exit(1)
    typer.echo("The chain is whole.")


@audit.command("export")
def export_audit(
    after: Annotated[int, typer.Option(help="Only entries after this number.")] = 0,
    out: Annotated[Path | None, typer.Option(help="File; standard output where left out.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Write the trail as JSON lines, oldest first: each with its hashes, so it can be proved."""
    with (
        _store(data_dir, "audit export") as store,
        store.read() as session,
        out.open("w", encoding="utf-8") if out else nullcontext(sys.stdout) as target,
    ):
        while page := list_entries(session, after_seq=after, limit=1000):
            for entry in page:
                target.write(entry.model_dump_json() + "\n")
            after = page[-1].seq
