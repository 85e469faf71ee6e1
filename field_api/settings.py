"""Every setting of the command post, in one place.

Values come, strongest first, from the command line, from `XUNSHAN_*` environment variables, from
the TOML file named by `XUNSHAN_CONFIG`, and from the defaults here. `settings.example.toml` beside
this file lists them all.
"""

import os
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

__all__ = ["Settings"]

Seconds = Annotated[float, Field(gt=0)]


class Settings(BaseSettings):
    """The command post's configuration; an unknown key in the file is an error."""

    model_config = SettingsConfigDict(env_prefix="XUNSHAN_", extra="forbid")

    host: str = "127.0.0.1"
    """Address to listen on. Leave loopback only behind a proxy that speaks TLS."""
    port: Annotated[int, Field(ge=1, le=65535)] = 8600
    data_dir: Path = Path("var/xunshan")
    """Media, logs and the embedded database live here. Several workers share it."""
    database_url: str = ""
    """`postgresql://USER:PASSWORD@HOST:PORT/DATABASE`; empty keeps a SQLite file in the data
    directory."""
    broker_url: str = ""
    """`nats://USER:PASSWORD@HOST:PORT`, where several workers share one PostgreSQL database."""
    broker_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")] = "xunshan"
    """What this post's subjects begin with, where several posts share a broker."""
    terrain_file: Path | None = None
    """Elevation grid; None uses the synthetic demo grid that ships with `mission_plans`."""
    allowed_origins: list[str] = []
    """Further origins that may use the API from a browser, e.g. `http://localhost:5173`."""
    secure_cookies: bool = False
    """Set where browsers come by HTTPS: the session cookie then never travels in the clear."""

    session_idle_s: Seconds = 1800
    """A console session ends after this long without a request (GB/T 22239)."""
    terminal_session_idle_s: Seconds = 43200
    """The same for a handheld, which must survive a shift without network."""
    login_tries: Annotated[int, Field(ge=1, le=100)] = 5
    login_lock_s: Seconds = 300
    login_source_tries: Annotated[int, Field(ge=1, le=1000)] = 20
    """Wrong passwords of one network address, whatever the accounts, before it has to wait."""
    require_device: bool = False
    """Let handhelds work only from an enrolled device, besides their password."""

    max_body_bytes: Annotated[int, Field(ge=1024)] = 1_000_000
    max_media_bytes: Annotated[int, Field(ge=1024)] = 20_000_000
    max_upload_bytes: Annotated[int, Field(ge=1024)] = 2_000_000_000
    """Largest file sent by resumable upload."""
    keep_uploads_days: Annotated[float, Field(ge=1, le=365)] = 7
    """An upload that nobody goes on with is forgotten: a handheld may be away so long."""
    keep_strays_s: Seconds = 3600
    """Bytes on disk that no upload owns, left by a killed server, are removed after this long."""
    media_share: Annotated[float, Field(gt=0, le=1)] = 0.8
    """Pictures and files may fill this share of what the data folder's disk has for them: what
    they take already and what is free. The rest is for records."""
    media_account_share: Annotated[float, Field(gt=0, le=1)] = 0.25
    """One account may fill this share of what all files may."""
    keep_events_days: Annotated[float, Field(gt=0)] = 30
    """A handheld away for longer pulls everything anew."""

    live_hz: Annotated[float, Field(gt=0, le=50)] = 25.0
    """Most frames per second that one browser is sent; of a vehicle's states between two of them it
    gets the newest."""
    live_backlog: Annotated[int, Field(ge=10)] = 2000
    """Unsent events after which a browser that does not read is disconnected."""
    video_backlog_packets: Annotated[int, Field(ge=2)] = 30
    """Packets a viewer may be behind before it skips to the newest key frame."""

    detection_join_m: Annotated[float, Field(gt=0)] = 5000.0
    """A detection joins the nearest open incident within this distance."""
    escalate_after_s: Seconds = 180
    """A task that nobody acknowledged escalates after this long (story C5)."""
    command_expiry_s: Seconds = 30
    """Orders to nodes are refused when they arrive later than this."""
    licence_checks: bool = True
    """Whether only a pilot whose licence covers the aircraft may authorise a flight (Art. 16, 17);
    Art. 59 lets the rules of emergency services differ."""
    flight_rules_file: Path | None = None
    """Flight rules as JSON; None takes the regulations as shipped (Art. 59 lets units differ)."""
    applicant_file: Path | None = None
    """Who applies for flights, as JSON; None takes the demo's fictional unit."""
    improve_s: Annotated[float, Field(ge=0, le=60)] = 4
    """How long a drafted plan is improved in the background; 0 leaves the first one."""

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        kind, there, rest = url.partition("://")
        if url and (not there or kind not in ("postgresql", "postgresql+psycopg")):
            raise ValueError("write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, or nothing")
        return f"postgresql+psycopg://{rest}" if url else url

    @model_validator(mode="after")
    def _workers_share_a_database(self) -> "Settings":
        if self.broker_url and not self.database_url:
            raise ValueError("broker_url is for several workers, which need database_url too")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the TOML file, if one is named, under the environment."""
        sources: list[PydanticBaseSettingsSource] = [init_settings, env_settings]
        named = os.environ.get("XUNSHAN_CONFIG")
        if named:
            sources.append(TomlConfigSettingsSource(settings_cls, toml_file=named))
        return tuple(sources)

    @property
    def database_file(self) -> Path:
        """Where the database is."""
        return self.data_dir / "xunshan.sqlite3"

    @property
    def database(self) -> str:
        """The address of the database, the embedded one where no other is named."""
        return self.database_url or f"sqlite:///{self.database_file}"

    @property
    def many(self) -> bool:
        """Whether several workers may serve this post."""
        return bool(self.broker_url)

    @property
    def media_dir(self) -> Path:
        """Where pictures are kept, by hash."""
        return self.data_dir / "media"
