"""Accepted sorties on disk: a node that restarts knows what its aircraft are flying."""

import json
import os
from pathlib import Path

import structlog
from pydantic import ValidationError

from field_api.contract.messages import SortieState
from fleet.fencing import SortieFence
from fleet.sortie import Sortie
from mission_plans.values.plan import SortiePlan

__all__ = ["SortieStore"]

log = structlog.get_logger(__name__)


class SortieStore:
    """One file per aircraft with its present sortie."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, sortie: Sortie) -> None:
        """Write the sortie; whole or not at all.

        Raises:
            OSError: the disk refused; what was there before is still there.
        """
        path = self._path(sortie.plan.vehicle_id)
        fresh = path.with_suffix(".new")
        self._folder.mkdir(parents=True, exist_ok=True)
        record = {
            "author": sortie.author,
            "state": sortie.state.value,
            "item_count": sortie.item_count,
            "stopped_ms": sortie.stopped_ms,
            "fence": sortie.fence and sortie.fence.model_dump(mode="json"),
            "return_m": sortie.return_m,
            "waits_to_land": sortie.waits_to_land,
            "plan": sortie.plan.model_dump(mode="json"),
        }
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(record, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)

    def load(self, vehicle_id: str) -> Sortie | None:
        """Return the aircraft's sortie, None without one or where the file is damaged."""
        path = self._path(vehicle_id)
        if not path.exists():
            return None
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            fence, return_m = record.get("fence"), record.get("return_m")
            return Sortie(
                plan=SortiePlan.model_validate(record["plan"]),
                author=str(record["author"]),
                state=SortieState(record["state"]),
                item_count=int(record["item_count"]),
                stopped_ms=int(record.get("stopped_ms", 0)),
                fence=None if fence is None else SortieFence.model_validate(fence),
                return_m=None if return_m is None else float(return_m),
                waits_to_land=bool(record.get("waits_to_land", False)),
            )
        except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
            log.error("stored sortie can't be read", path=str(path), error=str(error))
            return None

    def _path(self, vehicle_id: str) -> Path:
        safe = "".join(c if c.isalnum() or c in "-_" else "_" for c in vehicle_id)
        return self._folder / f"{safe}.json"
