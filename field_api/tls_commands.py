"""`xunshan tls`: the post's own certificate authority."""

import datetime as dt
from typing import Annotated

import typer
from cryptography import x509

from field_api.admin_commands import DataDir, fail, open_settings
from field_api.serving.authority import (
    AuthorityError,
    TlsFiles,
    fingerprint,
    make_authority,
    renew,
)

__all__ = ["tls"]

tls = typer.Typer(
    help="The post's own certificate authority, for HTTPS without anybody else's.",
    no_args_is_help=True,
)


@tls.callback()
def _certificates() -> None:
    """Make and renew the certificates that the post serves with."""


@tls.command("init")
def init(
    name: Annotated[list[str], typer.Option(help="Host name people type; repeat it.")],
    address: Annotated[
        list[str] | None, typer.Option(help="IP address people type; repeat it.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Make an authority and a server certificate; `xunshan serve` then speaks HTTPS."""
    files = TlsFiles(open_settings(data_dir).tls_dir)
    try:
        authority = make_authority(files, name, address or [], dt.datetime.now(dt.UTC))
    except AuthorityError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{files.folder} can't be written: {error.strerror}")
    typer.echo(f"Authority: {files.authority}")
    typer.echo(f"Fingerprint (SHA-256): {fingerprint(authority)}")
    typer.echo(
        "Restart `xunshan serve`. Handhelds get the authority at /install-ca and compare this "
        "fingerprint; nodes are given the file in SSL_CERT_FILE."
    )


@tls.command("renew")
def renew_command(
    force: Annotated[bool, typer.Option("--force", help="Also one that lasts longer.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Make a new server certificate where the present one ends within 30 days.

    A running server takes it within a minute.
    """
    files = TlsFiles(open_settings(data_dir).tls_dir)
    try:
        until = renew(files, dt.datetime.now(dt.UTC), even_if_good=force)
    except AuthorityError as error:
        fail(str(error))
    if until is None:
        typer.echo("The certificate lasts long enough; --force makes a new one all the same.")
    else:
        typer.echo(f"The new certificate is good until {until:%Y-%m-%d}")


@tls.command("show")
def show(data_dir: DataDir = None) -> None:
    """Print the authority's fingerprint, and until when the certificates are good."""
    files = TlsFiles(open_settings(data_dir).tls_dir)
    for text, file in (("Authority", files.authority), ("Server", files.server)):
        try:
            certificate = x509.load_pem_x509_certificate(file.read_bytes())
        except OSError:
            fail(f"{file} can't be read: `xunshan tls init --name HOST` makes an authority")
        typer.echo(f"{text}: good until {certificate.not_valid_after_utc:%Y-%m-%d}")
        typer.echo(f"  {fingerprint(certificate)}")
