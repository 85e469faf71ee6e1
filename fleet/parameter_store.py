"""An aircraft's parameters as last read, kept on disk: known again after a restart of the node."""

import json
import os
from pathlib import Path

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from field_api.contract.messages import ParameterTold
from fleet.names import file_name

__all__ = ["KeptParameters", "ParameterStore"]

log = structlog.get_logger(__name__)


class KeptParameters(BaseModel):
    """One whole reading."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    hardware: str
    """Number of the autopilot: another one's parameters are never taken for this one's."""
    boot_ms: int
    """When it was switched on, UTC."""
    read_ms: int
    missing: int
    hash: int | None
    values: list[ParameterTold]


class ParameterStore:
    """One file per aircraft."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, vehicle_id: str, kept: KeptParameters) -> None:
        """Write a reading; a disk that refuses only means that it must be read again."""
        path = self._path(vehicle_id)
        fresh = path.with_suffix(".new")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with fresh.open("w", encoding="utf-8") as file:
                file.write(kept.model_dump_json())
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except OSError as error:
            log.error("parameters not kept", path=str(path), error=str(error))

    def load(self, vehicle_id: str) -> KeptParameters | None:
        """Return the last reading, None without one or where the file is damaged."""
        path = self._path(vehicle_id)
        try:
            return KeptParameters.model_validate(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, ValidationError) as error:
            log.error("kept parameters can't be read", path=str(path), error=str(error))
            return None

    def _path(self, vehicle_id: str) -> Path:
        return self._folder / f"{file_name(vehicle_id)}.json"
