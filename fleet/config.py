"""Settings of a fleet node: one JSON file.

Example:
    {
      "node_id": "fleet-fcp",
      "server_url": "http://127.0.0.1:8600",
      "token_file": "fleet-fcp.token",
      "data_dir": "var/fleet",
      "terrain": "dem.npz",
      "links": [{"id": "udp", "url": "udpin:127.0.0.1:14550"},
                {"id": "radio", "url": "serial:/dev/ttyUSB0:57600"}],
      "vehicles": [{"vehicle_id": "XS-U1", "link": "udp", "sysid": 1},
                   {"vehicle_id": "XS-U2", "links": ["radio", "udp"], "sysid": 2}],
      "guards": {"separation": "hold", "battery_home": "return"},
      "max_wind_ms": 10
    }
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from fleet.links import parse_link_url
from fleet.watch.catalogue import DEFAULT_ACTIONS, Action, Limits, with_defaults

__all__ = [
    "ConfigError",
    "FleetConfig",
    "LinkConfig",
    "RouterConfig",
    "VehicleConfig",
    "load_config",
]

Port = Annotated[int, Field(ge=1, le=65_535)]


class ConfigError(ValueError):
    """The settings can't be used; the text names the file and every wrong field."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class LinkConfig(_Section):
    """A way to vehicles."""

    id: Annotated[str, Field(min_length=1, max_length=40)]
    """Name by which vehicles name it."""
    url: str
    """`udpin:HOST:PORT` and `tcpin:HOST:PORT` listen, `udpout:HOST:PORT` and `tcp:HOST:PORT`
    connect, `serial:/dev/NAME:BAUD` opens a port, `tlog:FILE?speed=2` plays a flight log."""

    @field_validator("url")
    @classmethod
    def _is_link(cls, url: str) -> str:
        parse_link_url(url)
        return url


RemoteIdText = Annotated[str, Field(pattern=r"^[ -~]{0,20}$")]


class RemoteIdConfig(_Section):
    """What an aircraft broadcasts of itself by Remote ID."""

    operator_id: Annotated[str, Field(pattern=r"^[ -~]{1,20}$")]
    """Number of who flies it, as the authority gave it."""
    serial: RemoteIdText = ""
    """Serial number of the aircraft; empty where its module has its own."""
    registration: RemoteIdText = ""
    """Its registration mark, broadcast where there is no serial number."""
    description: Annotated[str, Field(pattern=r"^[ -~]{0,23}$")] = ""
    """What the flight is for, e.g. `rescue`."""
    required: bool = False
    """Nothing takes off without it."""
    mac: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{12}$")] | None = None
    """Radio address of its own module: its fleet does not take it for a stranger's."""


class VehicleConfig(_Section):
    """One aircraft of the roster."""

    vehicle_id: Annotated[str, Field(min_length=1, max_length=40)]
    """Its id in the command post's roster."""
    link: str = ""
    """The link it is heard on, where that is one."""
    links: Annotated[list[str], Field(max_length=8)] = Field(default=[])
    """Where it is heard on several, e.g. radio and mobile network: the preferred one first."""
    sysid: Annotated[int, Field(ge=1, le=250)]
    """Its MAVLink system id."""
    read_only: bool = True
    """Whether other programs on its endpoint may only listen; false lets them command it."""
    autopilot_only: bool = False
    """Hide its camera and other components from programs on its endpoint: dronekit takes every
    heartbeat for the autopilot's and then reads an armed aircraft as disarmed."""
    icao: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{6}$")] | None = None
    """Address of its own transponder, six hexadecimal digits: its fleet does not take it for a
    stranger's."""
    remote_id: RemoteIdConfig | None = None
    """Where the aircraft has a Remote ID module that gets its operator from the node."""

    @model_validator(mode="after")
    def _has_link(self) -> "VehicleConfig":
        if bool(self.link) == bool(self.links):
            raise ValueError(f"{self.vehicle_id}: give either link or links")
        if len(set(self.links)) != len(self.links):
            raise ValueError(f"{self.vehicle_id}: every link may stand once in links")
        return self

    @property
    def ways(self) -> Sequence[str]:
        """Its links, the preferred one first."""
        return self.links or (self.link,)


class RouterConfig(_Section):
    """An endpoint at which other MAVLink programs see several aircraft."""

    id: Annotated[str, Field(min_length=1, max_length=40)]
    """Name by which messages call it."""
    url: str
    """`tcpin:HOST:PORT` or `udpin:HOST:PORT` listens, `udpout:HOST:PORT` sends to a program."""
    vehicles: list[str] = Field(default=[])
    """Which aircraft; none named is all."""
    commanding: bool = False
    """Whether programs may order, while no sortie of this node is under way; else they may ask."""
    autopilot_only: bool = False
    """Hide cameras and other components, as for one aircraft's endpoint."""

    @field_validator("url")
    @classmethod
    def _is_endpoint(cls, url: str) -> str:
        if parse_link_url(url).kind not in ("tcpin", "udpin", "udpout"):
            raise ValueError(f"{url!r} is no endpoint; allowed are tcpin, udpin and udpout")
        return url


class FleetConfig(_Section):
    """The whole file."""

    node_id: Annotated[str, Field(min_length=1, max_length=80)]
    """Name under which it is enrolled at the command post."""
    server_url: str = "http://127.0.0.1:8600"
    """Command post; empty runs the node alone."""
    token_file: Path | None = None
    """File with the token that `xunshan admin enrol` printed."""
    data_dir: Path
    """Outbox, flight logs and accepted sorties."""
    terrain: Path | None = None
    """Ground model (.npz, .hgt or GeoTIFF); left out, the demo's."""
    links: Annotated[list[LinkConfig], Field(min_length=1)]
    """Ways on which aircraft are heard."""
    vehicles: Annotated[list[VehicleConfig], Field(min_length=1, max_length=1000)]
    """The aircraft it flies."""
    endpoint_host: str = "127.0.0.1"
    """Address at which other programs reach its aircraft."""
    endpoint_base_port: Port = 5780
    """Other programs reach a vehicle at this port plus its system id."""
    endpoints: bool = True
    """Whether each aircraft has an endpoint of its own."""
    routers: Annotated[list[RouterConfig], Field(max_length=16)] = Field(default=[])
    """Endpoints of whole fleets, besides each aircraft's own."""
    heartbeat_hz: Annotated[float, Field(ge=0.5, le=50)] = 1.0
    """How often vehicles hear from us; raised only for simulations faster than real time, whose
    failsafe counts simulated seconds."""
    signing_keys: Path | None = None
    """Keys of vehicles that sign, a JSON object of 64 hexadecimal digits by vehicle_id: outside of
    what is versioned, readable by nobody else. `xunshan fleet --give-key` makes it."""
    guards: dict[str, Action] = Field(default_factory=lambda: dict(DEFAULT_ACTIONS))
    """What guards in flight do besides telling people, by their id: `warn`, `hold` or `return`."""
    max_wind_ms: Annotated[float, Field(gt=0, le=40)] = Limits().max_wind_ms
    """The guard `wind` is told above it."""
    night_flights: bool = False
    """Flying in the dark is meant here: the guard `sunset` is off."""

    @field_validator("guards")
    @classmethod
    def _known_guards(cls, chosen: dict[str, Action]) -> dict[str, Action]:
        return with_defaults(chosen)

    @model_validator(mode="after")
    def _known_links(self) -> "FleetConfig":
        names = [link.id for link in self.links]
        if len(set(names)) != len(names):
            raise ValueError("links: every link needs its own id")
        for vehicle in self.vehicles:
            for link in vehicle.ways:
                if link not in names:
                    raise ValueError(
                        f"vehicles: {vehicle.vehicle_id} is on link {link!r}; "
                        f"allowed: {', '.join(names)}"
                    )
        ids = [vehicle.vehicle_id for vehicle in self.vehicles]
        if len(set(ids)) != len(ids):
            raise ValueError("vehicles: every vehicle_id may stand once")
        return self

    @model_validator(mode="after")
    def _known_vehicles(self) -> "FleetConfig":
        systems = {v.vehicle_id: v.sysid for v in self.vehicles}
        for router in self.routers:
            if unknown := set(router.vehicles) - set(systems):
                raise ValueError(
                    f"routers: {router.id} names {', '.join(sorted(unknown))}; "
                    f"allowed: {', '.join(systems)}"
                )
            numbers = [systems[name] for name in self.shared_by(router)]
            if len(set(numbers)) != len(numbers):
                raise ValueError(
                    f"routers: {router.id} has two aircraft with one system id; other programs "
                    "could not tell them apart"
                )
        return self

    def shared_by(self, router: RouterConfig) -> Sequence[str]:
        """Return the aircraft of an endpoint."""
        return router.vehicles or [v.vehicle_id for v in self.vehicles]

    @property
    def limits(self) -> Limits:
        """What the guards in flight must know of this site."""
        return Limits(self.max_wind_ms, self.night_flights)

    @property
    def link_url(self) -> str:
        """WebSocket address of the field link."""
        parts = urlsplit(self.server_url)
        scheme = "wss" if parts.scheme == "https" else "ws"
        return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}/api/v1/link"


def load_config(path: Path) -> FleetConfig:
    """Read and check a settings file.

    Raises:
        ConfigError: unreadable, not JSON, or a field is wrong.
    """
    try:
        return FleetConfig.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {error.strerror}") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not JSON: {error}") from error
    except ValidationError as error:
        lines = [
            f"  {'.'.join(str(p) for p in finding['loc']) or 'file'}: {finding['msg']}"
            for finding in error.errors(include_url=False)
        ]
        raise ConfigError("\n".join([f"{path}:", *lines])) from error
