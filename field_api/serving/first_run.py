"""What whoever starts a post must be told: the address, what is unsafe, and what comes first."""

from collections.abc import Iterator

from sqlmodel import select

from field_api.core.services import Services
from field_api.features.accounts.tables import User
from field_api.settings import Settings

__all__ = ["address_of", "no_account_yet", "warnings"]


def address_of(settings: Settings) -> str:
    """Return where people find the console."""
    if settings.public_url is not None:
        return settings.public_url
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{'https' if settings.tls_files else 'http'}://{shown}:{settings.port}"


def warnings(settings: Settings) -> Iterator[str]:
    """Yield what is unsafe in the settings, and how to make it safe."""
    if settings.beyond_loopback and not settings.https:
        yield (
            f"Other machines reach {settings.host}:{settings.port} without TLS: passwords and "
            "positions travel in the clear. Make a certificate with `xunshan tls init`, give one "
            "with --tls-cert and --tls-key, or set public_url to the https:// address of a proxy."
        )
    if settings.https and not settings.cookies_secure:
        yield "secure_cookies is off though people come by HTTPS: leave the setting out."


def no_account_yet(ctx: Services) -> str | None:
    """Return what to do first on an empty post, None where somebody can sign in."""
    with ctx.store.read() as session:
        if session.exec(select(User.id).limit(1)).first() is not None:
            return None
    return (
        "Nobody can sign in yet. Make the first administrator on this machine with "
        "`xunshan admin user add NAME --role admin --name 'FULL NAME' "
        f"--data-dir {ctx.settings.data_dir}`, which asks for a password; then sign in at "
        f"{address_of(ctx.settings)} and make the others on the page Accounts. Vehicles, handhelds "
        "and areas are entered on the page Registers, or all at once with "
        "`xunshan admin seed --scenario FILE`."
    )
