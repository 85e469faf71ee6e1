"""An aircraft that has been heard, with everything that belongs to it."""

from dataclasses import dataclass, field

from fleet.camera import Camera
from fleet.claims import Claims, Doubt
from fleet.duplicates import Duplicates
from fleet.fence_watch import FenceWatch
from fleet.flown_track import FlownTrackLog
from fleet.onboard import Onboard
from fleet.pilot import Pilot
from fleet.recorder import Recorder
from fleet.router import Router
from fleet.vehicle import Vehicle
from fleet.ways import Ways

__all__ = ["Aircraft"]


@dataclass(slots=True)
class Aircraft:
    """One aircraft of the roster."""

    vehicle: Vehicle
    pilot: Pilot
    onboard: Onboard
    camera: Camera
    recorder: Recorder
    claims: Claims
    ways: Ways
    routers: list[Router] = field(default_factory=list[Router])
    """Over which other programs see it."""
    several: bool = False
    """Whether the settings name more than one link for it."""
    duplicates: Duplicates = field(default_factory=Duplicates)
    failsafes: dict[str, str] = field(default_factory=dict[str, str])
    """The vehicle's words by which of its failsafes acts."""
    fence_watch: FenceWatch = field(default_factory=FenceWatch)
    flown: FlownTrackLog = field(default_factory=FlownTrackLog)
    doubt_told: Doubt | None = None
