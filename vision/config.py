"""The settings of a vision node: a JSON or TOML file, checked before anything starts."""

import json
import os
import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from vision.backends import BackendName
from vision.registry import DEFAULT_MODEL

__all__ = ["ConfigError", "StreamConfig", "VisionConfig", "load_config"]

TOKEN_VARIABLE = "XUNSHAN_VISION_TOKEN"
SCHEMES = ("udp://", "rtsp://", "rtsps://", "rtp://", "file:")


class ConfigError(ValueError):
    """The settings file is wrong; the text says where and what is allowed."""


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class StreamConfig(_Settings):
    """One camera."""

    stream_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
    """Name of its picture everywhere."""
    vehicle_id: str | None = None
    """Roster id of the aircraft that carries it; left out for a fixed camera."""
    url: str
    """`udp://ADDRESS:PORT` (MPEG-TS with KLV), `rtsp://...`, `rtp://...` or a file."""
    detect: bool = True
    """False only relays the video."""
    repeat: bool = False
    """Play a file again and again."""

    @field_validator("url")
    @classmethod
    def _known_scheme(cls, url: str) -> str:
        if "://" in url and not url.startswith(SCHEMES):
            raise ValueError(f"{url!r} is not one of {', '.join(SCHEMES)} or a file's path")
        return url


class VisionConfig(_Settings):
    """A vision node."""

    node_id: str = "vision-1"
    """Name under which it is enrolled at the command post."""
    server_url: Annotated[str, Field(pattern=r"^https?://")] = "http://127.0.0.1:8600"
    """The command post; the field link and the video socket are below `/api/v1`."""
    token: str | None = None
    """The node's enrolment token; better given by `token_file` or XUNSHAN_VISION_TOKEN."""
    token_file: Path | None = None
    """File with the token that `xunshan admin enrol` printed."""
    data_dir: Path = Path("var/vision")
    """Holds the outbox of detections not yet acknowledged."""
    terrain: Path | None = None
    """Elevation grid (`.npz`); without one positions are not computed, only bearings."""
    model: str = DEFAULT_MODEL
    """Name of a shipped model, or the path of a model card (`.json`)."""
    input_width_px: Annotated[int, Field(ge=320, le=3840)] | None = None
    """Replaces the width at which the model looks: 1920 finds smaller people at four times the
    work of 960."""
    wide_look_every: Annotated[int, Field(ge=0, le=100)] = 6
    """Every n-th look is as wide as people on the ground need to measure 16 pixels, 0 for none. It
    is left out while looks take over 60 % of their time anyway."""
    wide_look_max_px: Annotated[int, Field(ge=320, le=3840)] = 1920
    """Widest look, px."""
    backend: BackendName | None = None
    """What runs the network: `onnxruntime` or `openvino` (extra `openvino`); left out, the fastest
    that is installed."""
    thresholds: dict[str, Annotated[float, Field(gt=0, lt=1)]] = {}
    """Replaces the card's per-class thresholds."""
    detector_workers: Annotated[int, Field(ge=1, le=16)] = 1
    """Pictures examined at the same time."""
    detector_threads: Annotated[int, Field(ge=1, le=64)] = 1
    """Processor threads per picture."""
    max_detector_fps: Annotated[float, Field(gt=0, le=60)] = 3.0
    """Looks per second and stream; fewer where the machine is busy."""
    stall_s: Annotated[float, Field(gt=0.2, le=60)] = 3.0
    """A source silent for this long is opened again."""
    low_latency: bool = True
    """MPEG-TS: take each transport packet as one picture (switch off for unusual encoders)."""
    streams: Annotated[list[StreamConfig], Field(min_length=1, max_length=32)]
    """The cameras it watches."""

    @field_validator("streams")
    @classmethod
    def _distinct(cls, streams: list[StreamConfig]) -> list[StreamConfig]:
        ids = [s.stream_id for s in streams]
        if twice := sorted({i for i in ids if ids.count(i) > 1}):
            raise ValueError(f"stream ids must differ; twice: {', '.join(twice)}")
        return streams

    def node_token(self) -> str:
        """The token from the environment, the file or the settings, in this order."""
        if from_environment := os.environ.get(TOKEN_VARIABLE):
            return from_environment
        if self.token_file:
            try:
                return self.token_file.read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ConfigError(f"token_file: cannot read {self.token_file}: {error}") from error
        if self.token:
            return self.token
        raise ConfigError(
            f"no token: give token_file or token, or set {TOKEN_VARIABLE}; "
            "`xunshan admin enrol NODE_ID vision` makes one"
        )

    @property
    def socket_url(self) -> str:
        """The command post's WebSocket address below which the API lies."""
        return "ws" + self.server_url.rstrip("/").removeprefix("http") + "/api/v1"


def load_config(path: Path) -> VisionConfig:
    """Read and check a settings file; raises `ConfigError` naming each wrong field."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    try:
        data: Any = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (tomllib.TOMLDecodeError, json.JSONDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    try:
        return VisionConfig.model_validate(data)
    except ValidationError as error:
        lines = "; ".join(
            f"{'.'.join(str(p) for p in e['loc']) or 'file'}: {e['msg']}" for e in error.errors()
        )
        raise ConfigError(f"{path}: {lines}") from error
