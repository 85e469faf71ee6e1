"""How large and how often the demo's cameras film and its detector looks, so that a person beside
them sees moving pictures: what this machine has, measured, and what each choice would take. Pure.
"""

from dataclasses import dataclass

__all__ = ["CHOICES", "Budget", "Costs", "choose", "share_of_cores"]


@dataclass(frozen=True, slots=True)
class Budget:
    """What the cameras and the detector may do."""

    width_px: int
    """Of the cameras' pictures, 16:9."""
    frames_per_s: int
    look_width_px: int | None
    """None: the model's own width, and a wider look now and then."""
    looks_per_s: float
    """Of each camera."""

    @property
    def height_px(self) -> int:
        """Of the cameras' pictures."""
        return self.width_px * 9 // 16 // 2 * 2


@dataclass(frozen=True, slots=True)
class Costs:
    """Processor seconds on this machine."""

    picture_s: float
    """Drawing and encoding a picture, however small."""
    megapixel_s: float
    """And for each million pixels of it."""
    look_s: float
    """A look at `LOOK_PX` of width."""


LOOK_PX = 640
OWN_LOOK_PX = 1280
"""The shipped model's own width; every sixth look is wider."""
WIDER = 1.25

CHOICES = (
    Budget(1280, 15, None, 3.0),
    Budget(1280, 15, 960, 2.0),
    Budget(1280, 15, 640, 2.0),
    Budget(960, 15, 640, 2.0),
    Budget(960, 12, 640, 2.0),
    Budget(800, 12, 640, 2.0),
    Budget(640, 12, 640, 2.0),
    Budget(640, 12, 640, 1.0),
    Budget(480, 12, 480, 1.0),
)
"""From the best to the least; twelve pictures a second, or motion is none."""

EVERYTHING_ELSE_CORES = 1.1
"""The browser's drawing without a graphics card, the command post, the aircraft."""
LEAST_SHARE = 0.35


def share_of_cores(cores: int) -> float:
    """Return how many cores cameras and detector may fill."""
    return max(LEAST_SHARE * cores, cores - EVERYTHING_ELSE_CORES)


def cores_for(budget: Budget, costs: Costs, cameras: int) -> float:
    """Return how many cores a choice fills."""
    megapixels = budget.width_px * budget.height_px / 1e6
    picture_s = costs.picture_s + megapixels * costs.megapixel_s
    width_px = budget.look_width_px or OWN_LOOK_PX
    look_s = costs.look_s * (width_px / LOOK_PX) ** 2
    if budget.look_width_px is None:
        look_s *= WIDER
    return cameras * (budget.frames_per_s * picture_s + budget.looks_per_s * look_s)


def choose(cores: int, costs: Costs, cameras: int) -> Budget:
    """Return the best choice that fits, the least one where none does."""
    room = share_of_cores(cores)
    for budget in CHOICES:
        if cores_for(budget, costs, cameras) <= room:
            return budget
    return CHOICES[-1]
