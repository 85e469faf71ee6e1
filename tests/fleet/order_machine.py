"""Random walks of orders over two aircraft, with losses, restarts and a second device."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from field_api.contract.messages import (
    FlyTo,
    LandVehicle,
    LookAgain,
    PauseVehicle,
    ResumeVehicle,
    RetaskSortie,
    ReturnVehicle,
    StartSortie,
    UploadSortie,
)
from mission_plans.ground.geodesy import moved
from tests.fleet.flight_line import FCP
from tests.fleet.order_world import IDS, NEXT, PLANS, OrderWorld

__all__ = ["OrderMachine"]

Stop = PauseVehicle | ReturnVehicle | LandVehicle
STOPS: list[type[Stop]] = [PauseVehicle, ReturnVehicle, LandVehicle]
aircraft = st.sampled_from(IDS)
NEAR = moved(FCP, 90.0, 90.0)


class OrderMachine(RuleBasedStateMachine):
    """What must never happen is looked for in `OrderWorld` at every message."""

    world: OrderWorld

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        self.world = OrderWorld(seed)

    @rule(vehicle_id=aircraft)
    def upload(self, vehicle_id: str) -> None:
        self.world.give(
            UploadSortie(vehicle_id=vehicle_id, sortie=PLANS[vehicle_id].sorties[0], checks=[])
        )

    @rule(vehicle_id=aircraft, gap_s=st.sampled_from([0.0, 10.0]), wait_s=st.sampled_from([0, 15]))
    def start(self, vehicle_id: str, gap_s: float, wait_s: int) -> None:
        now_ms = self.world.now_ms
        sortie_id = PLANS[vehicle_id].sorties[0].id
        window = {"not_before_ms": now_ms + wait_s * 1000, "not_after_ms": now_ms + 60_000}
        start = {"vehicle_id": vehicle_id, "sortie_id": sortie_id, "gap_s": gap_s, **window}
        self.world.give(StartSortie.model_validate(start))

    @rule(vehicle_id=aircraft, wait_s=st.floats(8, 40))
    def fly(self, vehicle_id: str, wait_s: float) -> None:
        self.upload(vehicle_id)
        self.world.pass_time(15)
        self.start(vehicle_id, 0.0, 0)
        self.world.pass_time(wait_s)

    @rule(vehicle_id=aircraft, stop=st.sampled_from(STOPS))
    def stop(self, vehicle_id: str, stop: type[Stop]) -> None:
        self.world.give(stop(vehicle_id=vehicle_id))

    @rule(vehicle_id=aircraft, which=st.sampled_from(["start", "resume", "look", "retask"]))
    def late(self, vehicle_id: str, which: str) -> None:
        sortie = NEXT[vehicle_id].sorties[0]
        look = {"place": NEAR, "height_agl_m": 50, "radius_m": 30, "duration_s": 12}
        body = {
            "start": StartSortie(vehicle_id=vehicle_id, sortie_id=PLANS[vehicle_id].sorties[0].id),
            "resume": ResumeVehicle(vehicle_id=vehicle_id),
            "look": LookAgain.model_validate({**look, "vehicle_id": vehicle_id}),
            "retask": RetaskSortie(vehicle_id=vehicle_id, sortie=sortie, checks=[]),
        }[which]
        self.world.give_late(body)

    @rule(
        vehicle_id=aircraft,
        which=st.sampled_from(["upload", "start", "fly_to", "look", "retask", "resume"]),
        after_s=st.floats(0.0, 5.0),
        stop=st.sampled_from(STOPS),
    )
    def interrupted(self, vehicle_id: str, which: str, after_s: float, stop: type[Stop]) -> None:
        """A stop while an order is under way: where the promise is hardest to keep."""
        orders = {
            "upload": self.upload,
            "start": lambda one: self.start(one, 0.0, 0),
            "fly_to": self.fly_to,
            "look": lambda one: self.look(one, circles=True),
            "retask": self.retask,
            "resume": self.resume,
        }
        if which == "start":
            self.upload(vehicle_id)
            self.world.pass_time(12)
        elif which != "upload" and self.world.models[vehicle_id].height_m == 0:
            self.fly(vehicle_id, 20)
        orders[which](vehicle_id)
        self.world.pass_time(after_s)
        self.stop(vehicle_id, stop)
        self.world.pass_time(12)

    @rule()
    def abort(self) -> None:
        self.world.give(*(ReturnVehicle(vehicle_id=vehicle_id) for vehicle_id in IDS))

    @rule(vehicle_id=aircraft)
    def resume(self, vehicle_id: str) -> None:
        self.world.give(ResumeVehicle(vehicle_id=vehicle_id))

    @rule(vehicle_id=aircraft)
    def fly_to(self, vehicle_id: str) -> None:
        self.world.give(FlyTo(vehicle_id=vehicle_id, place=NEAR, height_agl_m=50))

    @rule(vehicle_id=aircraft, circles=st.booleans())
    def look(self, vehicle_id: str, circles: bool) -> None:
        look = {"place": NEAR, "height_agl_m": 50, "radius_m": 30, "duration_s": 12}
        self.world.give(
            LookAgain.model_validate({**look, "vehicle_id": vehicle_id, "circles": circles})
        )

    @rule(vehicle_id=aircraft)
    def retask(self, vehicle_id: str) -> None:
        sortie = NEXT[vehicle_id].sorties[0]
        self.world.give(RetaskSortie(vehicle_id=vehicle_id, sortie=sortie, checks=[]))

    @rule(seconds=st.floats(0.1, 25))
    def time_passes(self, seconds: float) -> None:
        self.world.pass_time(seconds)

    @rule(loss=st.sampled_from([0.0, 0.1, 0.3]), twice=st.sampled_from([0.0, 0.3]))
    def radio(self, loss: float, twice: float) -> None:
        self.world.loss, self.world.twice = loss, twice

    @rule(vehicle_id=aircraft, seconds=st.floats(1, 12))
    def silence(self, vehicle_id: str, seconds: float) -> None:
        self.world.muted[vehicle_id] = self.world.now_s + seconds

    @rule(vehicle_id=st.sampled_from(["", *IDS]))
    def intruder(self, vehicle_id: str) -> None:
        self.world.intrudes = vehicle_id

    @rule(down_s=st.floats(0, 4))
    def kill(self, down_s: float) -> None:
        self.world.kill_node(down_s)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.close()
