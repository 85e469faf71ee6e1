"""Every setting of the command post, in one place.

Values come, strongest first, from the command line, from `XUNSHAN_*` environment variables, from
files that `XUNSHAN_*_FILE` variables name or that lie in `XUNSHAN_SECRETS_DIR` under the settings'
names, from the TOML file named by `XUNSHAN_CONFIG`, and from the defaults here.
`settings.example.toml` beside this file lists them all; `docs/settings.md` is made from here.
"""

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    IPvAnyAddress,
    IPvAnyNetwork,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from mission_plans.rules.rules_file import load_flight_rules

__all__ = ["Settings"]

Seconds = Annotated[float, Field(gt=0)]


def _web_address(text: str) -> str:
    """Return an address as browsers send it as their origin.

    Raises:
        ValueError: it is none.
    """
    parts = urlsplit(text.strip().rstrip("/").lower())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        raise ValueError(
            f"{text!r} is no address of a site; allowed: http:// or https://, a name, a port, "
            "e.g. https://post.example:8600"
        )
    if (parts.scheme, parts.port) in (("http", 80), ("https", 443)):
        return f"{parts.scheme}://{parts.netloc.rpartition(':')[0]}"
    return f"{parts.scheme}://{parts.netloc}"


WebAddress = Annotated[str, AfterValidator(_web_address)]


class _NamedFiles(PydanticBaseSettingsSource):
    """Reads a setting from the file that `XUNSHAN_<SETTING>_FILE` names."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return what the file says, None where none is named."""
        named = os.environ.get(f"XUNSHAN_{field_name}_FILE".upper())
        value = Path(named).read_text("utf-8").strip() if named else None
        return value, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return every setting that a file gives."""
        found: dict[str, Any] = {}
        for name, field in self.settings_cls.model_fields.items():
            value, key, _ = self.get_field_value(field, name)
            if value is not None:
                found[key] = value
        return found


class Settings(BaseSettings):
    """The command post's configuration; an unknown key in the file is an error."""

    model_config = SettingsConfigDict(
        env_prefix="XUNSHAN_", extra="forbid", use_attribute_docstrings=True
    )

    host: str = "127.0.0.1"
    """Address to listen on. Leave loopback only with TLS, here or in a proxy before it."""
    port: Annotated[int, Field(ge=1, le=65535)] = 8600
    """Port to listen on."""
    public_url: WebAddress | None = None
    """Address that people type, where it is not the one listened on: behind a proxy, e.g.
    `https://post.example`. Pages from there may act, and HTTPS in it makes cookies secure."""
    trusted_proxies: list[IPvAnyNetwork] = []
    """Addresses or networks of proxies whose `X-Forwarded-For`, `X-Forwarded-Proto` and
    `X-Request-ID` are believed, e.g. `["127.0.0.1"]`."""
    tls_cert_file: Path | None = None
    """Certificate (PEM, with those between it and the authority). Left out, the one that
    `xunshan tls init` made is taken, where it did."""
    tls_key_file: Path | None = None
    """The certificate's private key (PEM)."""
    stop_within_s: Annotated[float, Field(ge=0, le=300)] = 10
    """How long requests under way may go on when the server stops."""
    log_format: Literal["console", "json"] = "console"
    """`console` for people, `json` for programs: one object a line."""
    metrics_token: SecretStr | None = None
    """Whoever brings it as a bearer token may read `/metrics`; without one only this machine may,
    and only where `public_url` is not set. Better given as a file: `XUNSHAN_METRICS_TOKEN_FILE`."""
    data_dir: Path = Path("var/xunshan")
    """Pictures, certificates and the embedded database live here; several workers share it."""
    database_url: str = ""
    """`postgresql://USER:PASSWORD@HOST:PORT/DATABASE`; empty keeps a SQLite file in the data
    directory."""
    broker_url: str = ""
    """`nats://USER:PASSWORD@HOST:PORT`, where several workers share one PostgreSQL database."""
    broker_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")] = "xunshan"
    """What this post's subjects begin with, where several posts share a broker."""
    busy_wait_s: Annotated[float, Field(gt=0, le=60)] = 5
    """How long a request waits for its turn to write before it is told to come again."""
    low_disk_bytes: Annotated[int, Field(ge=0)] = 500_000_000
    """With less free disk the post is not ready and takes no pictures and files, so that records
    can still be written."""
    terrain_file: Path | None = None
    """Elevation grid; left out, the synthetic demo grid that ships with `mission_plans`."""
    allowed_origins: list[str] = []
    """Further origins that may use the API from a browser, e.g. `http://localhost:5173`."""
    secure_cookies: bool | None = None
    """Whether the session cookie travels by HTTPS only. Left out: yes where TLS is spoken here
    or `public_url` begins with https."""

    session_idle_s: Seconds = 1800
    """A console session ends after this long without a request (GB/T 22239)."""
    terminal_session_idle_s: Seconds = 43200
    """The same for a handheld, which must survive a shift without network."""
    login_tries: Annotated[int, Field(ge=1, le=100)] = 5
    """Wrong passwords of one account, from places it never signed in at, before it is locked."""
    login_lock_s: Seconds = 300
    """For how long."""
    login_source_tries: Annotated[int, Field(ge=1, le=1000)] = 20
    """Wrong passwords of one network address, whatever the accounts, before it has to wait."""
    require_device: bool = False
    """Let handhelds work only from an enrolled device, besides their password."""

    max_body_bytes: Annotated[int, Field(ge=1024)] = 1_000_000
    """Largest request."""
    max_media_bytes: Annotated[int, Field(ge=1024)] = 20_000_000
    """Largest picture, and largest file to import."""
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
    evidence_clip_s: Annotated[float, Field(ge=0, le=15)] = 5
    """How much video before and after an alert is kept with its pictures, s; 0 keeps none."""
    keep_rejected_evidence_days: Annotated[float, Field(ge=1, le=36500)] = 365
    """Pictures of rejected alerts are deleted after this long, their hashes stay on record; those
    of confirmed alerts, and of what waits for review, are kept."""
    keep_events_days: Annotated[float, Field(gt=0)] = 30
    """A handheld away for longer pulls everything anew."""

    live_hz: Annotated[float, Field(gt=0, le=50)] = 25.0
    """Most frames per second that one browser is sent; of a vehicle's states between two of them it
    gets the newest."""
    live_backlog: Annotated[int, Field(ge=10)] = 2000
    """Unsent events after which a browser that does not read is disconnected."""
    video_backlog_packets: Annotated[int, Field(ge=2)] = 12
    """Pictures a viewer may be behind before it skips to the newest key frame."""
    video_token_s: Annotated[float, Field(gt=0, le=86400)] = 300
    """How long a token opens a stream for a player without a session cookie (VLC, another system);
    what is open goes on as long as the session it was given in lives."""
    video_transcodes: Annotated[int, Field(ge=0, le=64)] = 8
    """Most streams that one worker decodes and encodes anew at a time: small pictures for walls and
    weak lines (about a twentieth of a core each), H.265 for browsers. 0: none."""
    webrtc_viewers: Annotated[int, Field(ge=0, le=10_000)] = 100
    """Most WebRTC viewers of one worker, each about 0.6 % of a core; who comes later is shown the
    stream over its WebSocket. 0: none."""
    webrtc_addresses: list[IPvAnyAddress] = []
    """Addresses of this machine where browsers reach it by UDP for WebRTC. Left out: the address
    listened on, or all of the machine's where it listens on all."""
    rtsp_host: str = "127.0.0.1"
    """Address to serve RTSP on. Passwords and tokens travel in the clear without `rtsp_tls`: leave
    loopback only for a network that is yours."""
    rtsp_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Port where cameras push streams and other systems fetch them by RTSP, e.g. 8554; 0: none."""
    rtsp_tls: bool = False
    """Speak `rtsps://` there, with the certificate of HTTPS."""
    video_engine: Literal["embedded", "janus", "mediamtx"] = "embedded"
    """What brings streams to browsers by WebRTC: this program, or a media server for more viewers
    (docs/video_transport.md)."""
    video_engine_url: Annotated[str, Field(pattern=r"^(https?://[^/?#]+(/[^?#]*)?)?$")] = ""
    """Where the media server is told what to do: Janus' HTTP API, e.g. `http://127.0.0.1:8088/janus`,
    or MediaMTX' control API, e.g. `http://127.0.0.1:9997`."""
    video_engine_whep_url: Annotated[str, Field(pattern=r"^(https?://[^/?#]+(/[^?#]*)?)?$")] = ""
    """Where MediaMTX answers viewers, e.g. `http://127.0.0.1:8889`."""
    video_engine_rtsp_url: Annotated[str, Field(pattern=r"^(rtsps?://[^/?#]+)?$")] = ""
    """Where MediaMTX reaches this post's RTSP, e.g. `rtsp://127.0.0.1:8554`."""
    video_engine_rtp_host: str = "127.0.0.1"
    """Where Janus takes packets by UDP."""
    video_engine_secret: SecretStr | None = None
    """Janus' `api_secret`; with MediaMTX, of at least 16 characters, what it fetches streams by and
    what its questions to this post bear. Better given as a file:
    `XUNSHAN_VIDEO_ENGINE_SECRET_FILE`."""

    video_record: bool = True
    """Record every stream that comes in, as it comes in."""
    footage_days: Annotated[float, Field(gt=0, le=3650)] = 90
    """Footage older than this is deleted, unless its incident is open or a person had it kept."""
    footage_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Footage may fill this share of what the data folder's disk has for it: what it takes already
    and what is free. Beyond it the oldest is deleted first; what is protected stays, and when only
    that is left nothing more is recorded."""

    detection_join_m: Annotated[float, Field(gt=0)] = 5000.0
    """A detection joins the nearest open incident within this distance."""
    escalate_after_s: Seconds = 180
    """A task that nobody acknowledged escalates after this long (story C5)."""
    command_expiry_s: Seconds = 30
    """Orders to nodes are refused when they arrive later than this."""
    licence_checks: bool = True
    """Whether only a pilot whose licence covers the aircraft may authorise a flight (Art. 16, 17);
    Art. 59 leaves pilots of the services' own aircraft to rules of their own."""
    flight_rules_file: Path | None = None
    """Flight rules as JSON; left out, the regulations as shipped (docs/flight_rules.md)."""
    applicant_file: Path | None = None
    """Who applies for flights, as JSON; left out, the demo's fictional unit."""
    improve_s: Annotated[float, Field(ge=0, le=60)] = 4
    """How long a drafted plan is improved in the background; 0 leaves the first one."""
    simulated_light: Literal["day", "dusk", "night"] | None = None
    """The light that simulated cameras see at any hour (the demo's is `day`); left out, plans go by
    the sun."""
    visits_a_year: Annotated[int, Field(ge=0, le=366)] = 0
    """Inspections of one enterprise in a calendar year (国办发〔2024〕54号) after which one of the
    yearly plan is refused; one for a complaint, a transfer or an emergency never is. 0: no cap."""
    visits_a_year_by_grade: dict[
        Literal["A", "B", "C", "D"], Annotated[int, Field(ge=0, le=366)]
    ] = Field(default={})
    """Other numbers for enterprises of a grade, e.g. `{"A": 1, "D": 6}`."""

    warning_issuer: Annotated[str, Field(max_length=120)] = "昆明市西山区应急管理局"
    """Full name of the body that issues warnings (发布单位): new drafts begin with it."""
    warning_sender: Annotated[str, Field(pattern=r"^[^\s,<&]{1,120}$")] = (
        "xunshan-530112@example.invalid"
    )
    """What CAP messages name as their sender: an address or name that is the bureau's alone."""
    warning_sender_code: Annotated[str, Field(pattern=r"^[0-9]{14}$")] = "53011200000000"
    """Code of the issuing body in the national warning system: district 6, body 3, inside 3,
    extension 2 digits."""

    handheld_pin: Literal["off", "optional", "required"] = "optional"
    """Whether who signs in on a handheld chooses a PIN of six digits that opens it again: never, if
    they want to, or always. It keeps a found handheld's pages shut; it encrypts nothing."""

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        kind, there, rest = url.partition("://")
        if url and (not there or kind not in ("postgresql", "postgresql+psycopg")):
            raise ValueError("write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, or nothing")
        return f"postgresql+psycopg://{rest}" if url else url

    @field_validator("flight_rules_file")
    @classmethod
    def _usable_rules(cls, file: Path | None) -> Path | None:
        if file is not None:
            # Told at the start, not when somebody plans a search.
            load_flight_rules(file)
        return file

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
        sources: list[PydanticBaseSettingsSource] = [
            init_settings,
            env_settings,
            _NamedFiles(settings_cls),
        ]
        secrets = os.environ.get("XUNSHAN_SECRETS_DIR")
        if secrets:
            # The files bear the settings' own names: no prefix, which would only repeat itself.
            sources.append(SecretsSettingsSource(settings_cls, secrets, env_prefix=""))
        named = os.environ.get("XUNSHAN_CONFIG")
        if named:
            sources.append(TomlConfigSettingsSource(settings_cls, toml_file=named))
        return tuple(sources)

    @model_validator(mode="after")
    def _whole_engine(self) -> "Settings":
        if self.rtsp_tls and self.tls_files is None:
            raise ValueError("rtsp_tls needs a certificate: tls_cert_file, or `xunshan tls init`")
        needed = {
            "embedded": (),
            "janus": ("video_engine_url",),
            "mediamtx": (
                "video_engine_url",
                "video_engine_whep_url",
                "video_engine_rtsp_url",
                "video_engine_secret",
            ),
        }[self.video_engine]
        if missing := [name for name in needed if not getattr(self, name)]:
            raise ValueError(f"video_engine {self.video_engine} needs {', '.join(missing)}")
        secret = self.video_engine_secret
        if self.video_engine == "mediamtx" and secret and len(secret.get_secret_value()) < 16:
            raise ValueError("video_engine_secret has at least 16 characters")
        return self

    @model_validator(mode="after")
    def _whole_tls(self) -> "Settings":
        if (self.tls_cert_file is None) != (self.tls_key_file is None):
            raise ValueError("tls_cert_file and tls_key_file go together: give both or neither")
        return self

    @property
    def tls_dir(self) -> Path:
        """Where the post's own certificate authority is, if it has one."""
        return self.data_dir / "tls"

    @property
    def tls_files(self) -> tuple[Path, Path] | None:
        """Certificate and key to serve with, None for none."""
        if self.tls_cert_file is not None and self.tls_key_file is not None:
            return self.tls_cert_file, self.tls_key_file
        own = self.tls_dir / "server.pem"
        return (own, own) if own.exists() else None

    @property
    def https(self) -> bool:
        """Whether people come by HTTPS."""
        public = self.public_url is not None and self.public_url.startswith("https://")
        return public or self.tls_files is not None

    @property
    def cookies_secure(self) -> bool:
        """Whether the session cookie travels by HTTPS only."""
        return self.https if self.secure_cookies is None else self.secure_cookies

    @property
    def beyond_loopback(self) -> bool:
        """Whether other machines can reach the port."""
        if self.host == "localhost":
            return False
        try:
            return not ip_address(self.host).is_loopback
        except ValueError:
            return True

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

    @property
    def footage_dir(self) -> Path:
        """Where recorded video is kept."""
        return self.data_dir / "footage"
