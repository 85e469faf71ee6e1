"""What carrying out an order needs of one aircraft and of its node."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from field_api.contract.messages import VehicleState
from fleet.camera import Camera
from fleet.departures import Departures
from fleet.guards import Finding
from fleet.sortie_book import SortieBook
from fleet.vehicle import RefusedError, Vehicle
from mission_plans.ground.terrain import Terrain

__all__ = ["Controls", "GuardedError", "Teller", "require_nothing_found"]


class GuardedError(RefusedError):
    """A guard said no, so nothing was sent to the aircraft."""

    def __init__(self, findings: list[Finding]) -> None:
        zh = ";".join(f.text_zh for f in findings)
        en = "; ".join(f"{f.text_en} [{f.source}]" for f in findings)
        super().__init__("check_failed", f"{zh} / {en}")
        self.findings = findings


def require_nothing_found(findings: list[Finding]) -> None:
    """Go on only where no guard found anything.

    Raises:
        GuardedError: with everything that was found.
    """
    if findings:
        raise GuardedError(findings)


class Teller(Protocol):
    """Tells what happened to an aircraft, as a durable event."""

    def __call__(self, severity: str, code: str, zh: str, en: str, source: str) -> None:
        """Tell it."""
        ...


@dataclass(frozen=True, slots=True)
class Controls:
    """One aircraft, and what its orders may look at."""

    vehicle: Vehicle
    camera: Camera
    state: Callable[[], VehicleState]
    terrain: Terrain
    book: SortieBook
    departures: Departures
    now_ms: Callable[[], int]
    tell: Teller
