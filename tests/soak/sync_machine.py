"""What handhelds promise their people, under every fault: the machine behind the sync tests.

Two handhelds work on tasks through a network with faults, are killed, have wrong clocks; the
command post is killed too. After every step: what a handheld was told is stored is stored, and
nothing has left a handheld that is not (P2, P3). In the end the network is good, and everything
made is stored once (P1), in its order (P7), with whole pictures (P6), and both handhelds know what
a new one would learn (P4, P5, P10).
"""

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from field_api.contract.ids import new_id
from field_api.features.registers.enterprises import Enterprise
from tests.field_api.post import OPERATOR, SMOKE, incident_body
from tests.soak.fault_proxy import Fault
from tests.soak.sync_world import OWN_AREA, Device, World

__all__ = ["SyncMachine", "run_machines"]

OTHER_AREA = "530112002"
PASSING = [fault for fault in Fault if fault is not Fault.STUCK]
ANSWERED = (Fault.NONE, Fault.TWICE)


class SyncMachine(RuleBasedStateMachine):
    """See the module; `world` is set by the test."""

    world: World

    @initialize(skews=st.tuples(*[st.sampled_from([0, -86_400_000, 86_400_000 * 300])] * 2))
    def begin(self, skews: tuple[int, int]) -> None:
        """Send each handheld two tasks."""
        world, self.folder = self.world, tempfile.TemporaryDirectory(dir=self.world.folder)
        self.incident_id = new_id()
        world.post("incidents", incident_body(id=self.incident_id, area=OWN_AREA))
        self.devices: list[Device] = []
        self.tasks: list[list[str]] = []
        self.moves: dict[str, list[str]] = {}
        self.made: list[dict[str, dict[str, Any]]] = [{}, {}]
        for terminal, skew_ms in zip(world.made.terminals, skews, strict=True):
            own = [new_id(), new_id()]
            for task_id in own:
                body = {"id": task_id, "incident_id": self.incident_id, "terminal_id": terminal}
                place = {"title": "核实", "lat_deg": SMOKE[0], "lon_deg": SMOKE[1]}
                world.post("tasks", {**body, **place})
                self.moves[task_id] = []
            self.tasks.append(own)
            self.devices.append(Device(world, terminal, Path(self.folder.name), skew_ms))
        self.enterprises: list[str] = []
        self.edited = new_id()
        with world.store.change(OPERATOR) as made:
            made.create(Enterprise(id=self.edited, name="共同维护", industry="零售", area=OWN_AREA))
            made.record("sync.repeated", self.edited, op="register")
        for device in self.devices:
            device.do("pull")

    # --- what people do ---------------------------------------------------------------------

    @rule(
        at=st.integers(0, 1),
        which=st.integers(0, 1),
        sizes=st.lists(st.integers(1, 2000), max_size=2),
    )
    def report(self, at: int, which: int, sizes: list[int]) -> None:
        """Write a report, perhaps with pictures."""
        found = self.devices[at].do(
            "report", task=self.tasks[at][which], text="现场安全", pictures=sizes, after=None
        )
        self.made[at][found["found"]["id"]] = found["found"]

    @rule(at=st.integers(0, 1), which=st.integers(0, 1))
    def move(self, at: int, which: int) -> None:
        """Move a task on: each step comes after the one before."""
        task_id = self.tasks[at][which]
        before = self.moves[task_id]
        steps = ("acknowledged", "en_route", "on_scene", "done")
        if len(before) == len(steps):
            return
        found = self.devices[at].do(
            "move", task=task_id, to=steps[len(before)], after=before[-1] if before else None
        )
        before.append(found["found"]["id"])
        self.made[at][found["found"]["id"]] = found["found"]

    @rule(
        at=st.integers(0, 1),
        column=st.sampled_from(["contact", "phone", "address"]),
        value=st.sampled_from(["甲", "乙", "丙", None]),
    )
    def edit(self, at: int, column: str, value: str | None) -> None:
        """Edit an enterprise that the other handheld edits too, perhaps the same column."""
        found = self.devices[at].do("edit", entry=self.edited, column=column, value=value)
        if found["found"] is not None:
            self.made[at][found["found"]["id"]] = found["found"]

    @rule(change=st.sampled_from(["new", "leave", "come back", "delete"]), which=st.integers(0, 3))
    def register(self, change: str, which: int) -> None:
        """Change an enterprise at the command post: it may leave the handhelds' area or end."""
        self._register(change, which)

    def _register(self, change: str, which: int) -> None:
        with self.world.store.change(OPERATOR) as made:
            row = None
            if self.enterprises and change != "new":
                row = made.session.get(Enterprise, self.enterprises[which % len(self.enterprises)])
            if row is None:
                row = made.create(
                    Enterprise(id=new_id(), name="商贸公司", industry="零售", area=OWN_AREA)
                )
                self.enterprises.append(row.id)
            elif change == "delete":
                made.remove(row)
                self.enterprises.remove(row.id)
            else:
                made.move(row, OTHER_AREA if change == "leave" else OWN_AREA)
            # Any act will do: the change itself is what is tested.
            made.record("sync.repeated", row.id, op="register")

    # --- the network ------------------------------------------------------------------------

    @rule(
        at=st.integers(0, 1),
        fault=st.sampled_from(PASSING),
        most=st.integers(1, 8),
        seed=st.integers(0, 99),
    )
    def push(self, at: int, fault: Fault, most: int, seed: int) -> None:
        """Send some of what waits, in any order, over a network with a fault."""
        self.world.proxy.plan(fault)
        answer = self.devices[at].do("push", most=most, seed=seed)
        self.world.proxy.plan()
        if "lost" in answer:
            assert fault not in ANSWERED, answer
            return
        for item in answer["found"]:
            assert item["status"] in ("applied", "repeated", "held"), item

    @rule(at=st.integers(0, 1), faults=st.lists(st.sampled_from(PASSING), min_size=1, max_size=4))
    def upload(self, at: int, faults: list[Fault]) -> None:
        """Send pictures, with a fault at any of the pieces."""
        self.world.proxy.plan(*faults)
        self.devices[at].do("upload")
        self.world.proxy.plan()

    @rule(
        at=st.integers(0, 1),
        faults=st.lists(st.sampled_from([Fault.NONE, Fault.LOST, Fault.ANSWER_LOST]), max_size=3),
    )
    def pull(self, at: int, faults: list[Fault]) -> None:
        """Learn what changed; it may break off between two pages."""
        self.world.proxy.plan(*faults)
        self.devices[at].do("pull")
        self.world.proxy.plan()

    @rule()
    def late_ones_arrive(self) -> None:
        """Let what was held in the network arrive now, the newest first."""
        self.world.proxy.deliver_held()

    @rule(at=st.integers(0, 1), seed=st.integers(0, 99))
    def forge(self, at: int, seed: int) -> None:
        """Send something else under the id of what was applied: it is refused."""
        applied = self._applied()
        known = [item for item in self.made[at].values() if item["id"] in applied]
        if not known:
            return
        item = known[seed % len(known)]
        other = {**item, "body": {**item["body"], "text": "另一份"}}
        answer = self.devices[at].do("send_again", item=other)["found"][0]
        assert (answer["status"], answer["code"]) == ("refused", "id_taken"), answer

    @rule(at=st.integers(0, 1), cursor=st.sampled_from(["bm9uc2Vuc2U", "e30", "x"]))
    def spoil_cursor(self, at: int, cursor: str) -> None:
        """Forget where one stood: the command post says to begin anew."""
        self.devices[at].do("spoil_cursor", cursor=cursor)

    # --- power ------------------------------------------------------------------------------

    @rule(at=st.integers(0, 1))
    def kill_handheld(self, at: int) -> None:
        """Kill a handheld between two things."""
        self.devices[at].kill()
        self.devices[at].start()

    @rule(at=st.integers(0, 1), command=st.sampled_from(["push", "upload", "pull"]))
    def kill_handheld_waiting(self, at: int, command: str) -> None:
        """Kill a handheld that has sent something and not heard yet."""
        proxy, device = self.world.proxy, self.devices[at]
        state = device.do("state")["found"]
        waits = any(item[1] in ("waiting", "held") for item in state["items"])
        if (command == "push" and not waits) or (command == "upload" and not state["pictures"]):
            return
        proxy.stuck.clear()
        proxy.plan(Fault.STUCK)
        device.begin(command, **({"most": 8, "seed": 1} if command == "push" else {}))
        assert proxy.stuck.wait(20)
        device.kill()
        proxy.cut_stuck()
        device.start()

    @precondition(lambda self: self.kills < 1)
    @rule(at=st.integers(0, 1), in_flight=st.booleans())
    def kill_server(self, at: int, in_flight: bool) -> None:
        """Kill the command post right after an answer, or while a push is under way."""
        self.kills += 1
        self.world.proxy.plan()
        if in_flight:
            self.devices[at].begin("push", most=8, seed=1)
            self.world.kill_server()
            self.devices[at].end()
        else:
            self.devices[at].do("push", most=8, seed=1)
            self.world.kill_server()

    kills = 0

    # --- what must hold ---------------------------------------------------------------------

    def _applied(self) -> set[str]:
        return {
            row[0] for row in self.world.rows("SELECT id FROM syncitem WHERE waits_for IS NULL")
        }

    @invariant()
    def nothing_left_a_handheld_that_is_not_stored(self) -> None:
        """P2 and P3: whatever a handheld has forgotten is on disk, its pictures too."""
        if not hasattr(self, "devices"):
            return
        applied = self._applied()
        stored = {row[0] for row in self.world.rows("SELECT sha256 FROM media")}
        for device, made in zip(self.devices, self.made, strict=True):
            state = device.do("state")["found"]
            here = {item[0] for item in state["items"]}
            for item in state["items"]:
                assert item[1] != "refused", item
            for item_id, item in made.items():
                if item_id not in here:
                    assert item_id in applied, item
                    assert stored.issuperset(item["body"].get("media", [])), item

    def teardown(self) -> None:
        """End on a good network: everything is there once, and everybody knows the same."""
        if not hasattr(self, "devices"):
            return
        try:
            self._settle()
        finally:
            for device in self.devices:
                device.kill()
            self.world.post(f"incidents/{self.incident_id}/close", {"text": "结束"})
            with self.world.store.change(OPERATOR) as made:
                for enterprise_id in (*self.enterprises, self.edited):
                    made.remove(made.session.get_one(Enterprise, enterprise_id))
                made.record("sync.repeated", self.incident_id, op="register")
            self.folder.cleanup()

    def _settle(self) -> None:
        self.world.proxy.plan()
        self.world.proxy.deliver_held()
        for device, made in zip(self.devices, self.made, strict=True):
            for _ in range(3):
                device.do("push", most=1000, seed=3)
                device.do("upload")
            assert device.do("state")["found"]["items"] == [], "the outbox does not get empty"
            self._once(made)
        self._no_value_is_lost()
        self._one_leaves_and_one_ends()
        for at, device in enumerate(self.devices):
            device.do("pull")
            fresh = Device(self.world, self.world.made.terminals[at], Path(self.folder.name), 0)
            fresh.do("pull")
            mine, new = (_records(one.do("state")["found"]) for one in (device, fresh))
            fresh.kill()
            differ = {k: (mine.get(k), new.get(k)) for k in mine.keys() | new.keys()}
            assert mine == new, {k: pair for k, pair in differ.items() if pair[0] != pair[1]}

    def _one_leaves_and_one_ends(self) -> None:
        """P5: both handhelds know two enterprises of which one moves away and one is no more."""
        for _ in range(2):
            self._register("new", 0)
        for device in self.devices:
            device.do("pull")
        self._register("leave", -1)
        self._register("delete", -2)

    def _no_value_is_lost(self) -> None:
        """P8: what was written stands in a version of the entry or in a conflict.

        Or its own author has written something else over it: both may have come in one batch.
        """
        versions = self.world.rows(
            "SELECT body FROM recordhistory WHERE record_id = ?", self.edited
        )
        stood = [json.loads(body) for (body,) in versions]
        conflicts = self.world.rows(
            'SELECT "column", "given" FROM entryconflict WHERE entry_id = ?', self.edited
        )
        kept = {(column, json.loads(given or "null")) for column, given in conflicts}
        for made in self.made:
            edits = [i["body"] for i in made.values() if i["op"] == "register.edit"]
            for at, edit in enumerate(edits):
                ((column, value),) = edit["now"].items()
                if any(later["was"].get(column, self) == value for later in edits[at + 1 :]):
                    continue
                found = any(version[column] == value for version in stood)
                assert found or (column, value) in kept, edit

    def _once(self, made: dict[str, dict[str, Any]]) -> None:
        for item in made.values():
            if item["op"] == "register.edit":
                continue
            move = item["op"] == "task.move"
            table = "taskstep" if move else "taskreport"
            rows = self.world.rows(f"SELECT 1 FROM {table} WHERE id = ?", item["body"]["id"])
            assert len(rows) == 1, item
            if not move:
                told = self.world.rows(
                    "SELECT 1 FROM auditwords WHERE json_extract(refs, '$.report_id') = ?",
                    item["body"]["id"],
                )
                assert len(told) == 1, item
            for sha256 in item["body"].get("media", []):
                file = self.world.data_dir / "media" / sha256[:2] / sha256
                files = (
                    [file]
                    if file.is_file()
                    else list((self.world.data_dir / "media").rglob(f"*{sha256[2:]}*"))
                )
                assert hashlib.sha256(files[0].read_bytes()).hexdigest() == sha256
        for task_id, steps in self.moves.items():
            if steps and steps[0] in made:
                (state,) = self.world.rows("SELECT state FROM task WHERE id = ?", task_id)
                wanted = ("acknowledged", "en_route", "on_scene", "done")[len(steps) - 1]
                assert state[0] == wanted, task_id


def _records(state: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{kind}/{record_id}": (version, json.loads(data))
        for kind, record_id, version, data in state["records"]
    }


def run_machines(runs: int, steps: int) -> None:
    """Let `runs` random histories of up to `steps` steps happen to one command post."""
    world = World()

    class InWorld(SyncMachine):
        """A machine of this world."""

    InWorld.world = world
    try:
        run_state_machine_as_test(
            InWorld,
            settings=settings(
                max_examples=runs,
                stateful_step_count=steps,
                database=None,
                # What a killed process does is never quite the same: shrinking would not end.
                phases=[Phase.generate],
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
            ),
        )
    finally:
        world.close()
