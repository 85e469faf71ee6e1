"""A command post with a year behind it, and what any post under load needs.

`furnish` gives a fresh data directory many handhelds, their accounts and open sessions, and the
register of enterprises. `fill` puts a year of history before that: the rows are written past the
application (it would take hours) and are what it would have written; the audit trail is made by
the functions that prove it.
"""

import hashlib
import json
import random
import sqlite3
import sys
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from field_api.core.areas import district_areas
from field_api.core.audit.chain import GENESIS, Entry, Words, entry_hash, words_hash
from field_api.features.accounts.sessions import token_hash
from field_api.settings import Settings
from tests.field_api.post import SMOKE, seed

__all__ = ["Furnished", "Size", "fill", "furnish", "make_year"]

YEAR_MS = 365 * 86_400_000
PIECE = 20_000
"""Rows handed to SQLite at once."""
STEPS = ("acknowledged", "en_route", "on_scene", "done")
TASK_TABLES = ("task", "taskstep", "taskreport")
ACTS_A_TASK = 1 + len(STEPS) + 1
"""Sent, its steps, one report."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much happened in the year."""

    entries: int = 1_000_000
    tasks: int = 100_000
    incidents: int = 2_000

    def scaled(self, share: float) -> "Size":
        """Return a smaller or a larger year."""
        return Size(*(max(1, int(value * share)) for value in asdict(self).values()))


@dataclass(frozen=True, slots=True)
class Furnished:
    """What load is made with."""

    incident_id: str
    terminals: tuple[str, ...]
    tasks: dict[str, tuple[str, ...]]
    """Open tasks of each terminal."""
    users: dict[str, str]
    """User id of each terminal's holder."""

    @staticmethod
    def token(name: str) -> str:
        """Return the open session of a terminal or a staff account."""
        return f"load-{name.lower()}"


def made_id(t_ms: int, number: int) -> str:
    """Return a UUIDv7 of a time; `number` tells those of one time apart."""
    tail = f"{number & 0xFFFFFFFFFFFF:012x}"
    return f"{t_ms >> 16:08x}-{t_ms & 0xFFFF:04x}-7{number >> 60 & 0xFFF:03x}-8000-{tail}"


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def _raw(data_dir: Path) -> Generator[sqlite3.Connection]:
    """Give the database for one big write: nothing else has it open."""
    database = sqlite3.connect(Settings(data_dir=data_dir).database_file)
    database.execute("PRAGMA journal_mode=MEMORY")
    database.execute("PRAGMA synchronous=OFF")
    database.execute("PRAGMA cache_size=-400000")
    try:
        yield database
        database.commit()
        database.execute("PRAGMA journal_mode=WAL")
    finally:
        database.close()


class _Sheets:
    """Rows of several tables, written in pieces."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._rows: dict[str, list[tuple[object, ...]]] = {}
        self._waiting = 0

    def add(self, table: str, *values: object) -> None:
        """Add a row: its values in the order of the table's columns; later ones stay empty."""
        self._rows.setdefault(table, []).append(values)
        self._waiting += 1
        if self._waiting >= PIECE:
            self.write()

    def write(self) -> None:
        """Hand over what waits."""
        for table, rows in self._rows.items():
            if rows:
                found = self._database.execute("SELECT name FROM pragma_table_info(?)", (table,))
                names = ",".join(f'"{name}"' for (name,) in found.fetchmany(len(rows[0])))
                marks = ",".join("?" * len(rows[0]))
                self._database.executemany(
                    f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows
                )
        self._rows.clear()
        self._waiting = 0


@contextmanager
def _without_indexes(database: sqlite3.Connection, *tables: str) -> Generator[None]:
    """Build the indexes once in the end: far quicker than row by row."""
    marks = ",".join("?" * len(tables))
    made = database.execute(
        f"SELECT name, sql FROM sqlite_master WHERE type='index' AND sql IS NOT NULL"
        f" AND tbl_name IN ({marks})",
        tables,
    ).fetchall()
    for name, _ in made:
        database.execute(f'DROP INDEX "{name}"')
    yield
    for _, sql in made:
        database.execute(sql)


class _Trail:
    """Appends to the audit trail, the incident's timeline and the tail."""

    def __init__(
        self, database: sqlite3.Connection, sheets: _Sheets, chance: random.Random
    ) -> None:
        self._sheets, self._chance = sheets, chance
        last = database.execute("SELECT seq, hash FROM auditentry ORDER BY seq DESC LIMIT 1")
        self.seq, self._hash = last.fetchone() or (0, GENESIS)
        self._event = database.execute("SELECT coalesce(max(seq), 0) FROM event").fetchone()[0]

    def act(
        self,
        t_ms: int,
        action: str,
        subject: str,
        zh: str,
        en: str,
        *,
        incident_id: str | None = None,
        area: str = "",
    ) -> None:
        """Write an act, and its timeline line where an incident shows it."""
        self.seq += 1
        words = Words("duty", "值班员", "10.1.2.3", zh, en, {})
        salt = f"{self._chance.getrandbits(128):032x}"
        entry = Entry(self.seq, t_ms, action, subject, incident_id, words_hash(salt, words))
        before, self._hash = self._hash, entry_hash(self._hash, entry)
        self._sheets.add(
            "auditentry",
            *(entry.seq, t_ms, action, subject, incident_id, entry.words_sha256),
            *(before, self._hash),
        )
        self._sheets.add(
            "auditwords",
            *(entry.seq, salt, words.actor, words.actor_name, words.source, zh, en, "{}"),
        )
        if incident_id is not None:
            body = {
                "seq": self.seq,
                "t_ms": t_ms,
                "incident_id": incident_id,
                "actor": words.actor,
                "actor_name": words.actor_name,
                "action": action,
                "subject": subject,
                "text_zh": zh,
                "text_en": en,
                "refs": {},
            }
            self.event(t_ms, "timeline", str(self.seq), 1, body, area, None, incident_id)

    def event(
        self,
        t_ms: int,
        topic: str,
        record_id: str,
        version: int,
        body: Mapping[str, object],
        area: str,
        terminal_id: str | None,
        incident_id: str | None,
    ) -> None:
        """Write an event."""
        self._event += 1
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        self._sheets.add(
            "event",
            *(self._event, t_ms, topic, record_id, version, area, None, terminal_id),
            *(incident_id, "put", text),
        )


def _streets() -> list[str]:
    return [area.code for area in district_areas().listed() if area.kind.value == "street"]


def _incident(
    sheets: _Sheets, trail: _Trail, t_ms: int, number: int, area: str, closed_ms: int | None
) -> str:
    incident_id, title = made_id(t_ms, number), f"西坡冒烟 {number}"
    columns = {
        "id": incident_id,
        "version": 1,
        "area": area,
        "request_sha256": _sha(incident_id),
        "kind": "fire",
        "title": title,
        "text": "护林员报告",
        "lat_deg": SMOKE[0],
        "lon_deg": SMOKE[1],
        "drill": 0,
        "people_missing": None,
        "state": "open" if closed_ms is None else "closed",
        "opened_ms": t_ms,
        "opened_by": "值班员",
        "closed_ms": closed_ms,
        "closed_by": None if closed_ms is None else "值班员",
    }
    sheets.add("incident", *columns.values())
    view = {**columns, "drill": False, "linked_ids": []}
    trail.event(t_ms, "incident", incident_id, 1, view, area, None, incident_id)
    trail.act(
        t_ms,
        "incident.opened",
        incident_id,
        f"接报并建立事件:{title}",
        f"Incident opened: {title}",
        incident_id=incident_id,
        area=area,
    )
    return incident_id


@dataclass(slots=True)
class _TaskMaker:
    """Writes a task's row and what became of it."""

    sheets: _Sheets
    trail: _Trail

    def row(
        self, t_ms: int, number: int, place: tuple[str, str], terminal_id: str, state: str
    ) -> str:
        """Write the row and return the task's id."""
        task_id = made_id(t_ms, number)
        incident_id, area = place
        done = t_ms + 3_600_000 if state == "done" else None
        self.sheets.add(
            "task",
            *(task_id, 1 + (ACTS_A_TASK - 1 if done else 0), area, _sha(task_id), incident_id),
            *(None, terminal_id, f"核实 {number}", "看一看西坡", *SMOKE, 850.0, state, t_ms),
            *("值班员", t_ms + 60_000, None, done),
        )
        return task_id

    def life(self, t_ms: int, number: int, place: tuple[str, str], terminal_id: str) -> None:
        """Write a task that was done, with its steps, its report, acts and events."""
        incident_id, area = place
        task_id = self.row(t_ms, number, place, terminal_id, "done")
        marks: dict[str, object] = {
            "id": task_id,
            "incident_id": incident_id,
            "terminal_id": terminal_id,
            "title": f"核实 {number}",
            "text": "看一看西坡",
            "lat_deg": SMOKE[0],
            "lon_deg": SMOKE[1],
            "created_ms": t_ms,
        }
        for version, state in enumerate(("sent", *STEPS[:-1], "report", STEPS[-1]), start=1):
            at_ms = t_ms + (version - 1) * 600_000
            item_id = made_id(at_ms, number * 16 + version)
            if state == "report":
                self.sheets.add(
                    "taskreport",
                    *(item_id, task_id, at_ms, at_ms, "T3队长", "现场安全", *SMOKE, "[]"),
                    _sha(item_id),
                )
            elif state != "sent":
                self.sheets.add(
                    "taskstep",
                    *(item_id, task_id, state, at_ms, at_ms, "T3队长", "", _sha(item_id)),
                )
            body = {**marks, "version": version, "state": state}
            self.trail.event(at_ms, "task", task_id, version, body, area, terminal_id, incident_id)
            self.trail.act(
                at_ms,
                "task.reported" if state == "report" else f"task.{state}",
                task_id,
                f"{terminal_id} {state}:核实 {number}",
                f"{terminal_id} {state}: task {number}",
                incident_id=incident_id,
                area=area,
            )


def _happenings(size: Size) -> Iterator[str]:
    """Say what happens one after the other, so that everything is spread over the year."""
    signins = max(0, size.entries - size.tasks * ACTS_A_TASK - size.incidents)
    done: dict[str, int] = dict.fromkeys(("incident", "task", "signin"), 0)
    wanted: dict[str, int] = {"incident": size.incidents, "task": size.tasks, "signin": signins}
    most = max(wanted.values())
    for step in range(1, most + 1):
        for name, count in wanted.items():
            while done[name] < count and done[name] < -(-count * step // most):
                done[name] += 1
                yield name


def fill(data_dir: Path, size: Size, terminals: tuple[str, ...], now_ms: int) -> None:
    """Write a year of history that ends before `now_ms` into a seeded data directory."""
    chance, streets = random.Random(7), _streets()
    with _raw(data_dir) as database:
        sheets = _Sheets(database)
        trail = _Trail(database, sheets, chance)
        with _without_indexes(
            database, *("auditentry", "auditwords", "event", "incident"), *TASK_TABLES
        ):
            place, opened = ("", ""), 0
            total = sum(1 for _ in _happenings(size))
            for number, what in enumerate(_happenings(size)):
                t_ms = now_ms - YEAR_MS + int((YEAR_MS - 7_200_000) * number / total)
                if what == "incident":
                    opened += 1
                    area = streets[opened % len(streets)]
                    # All are closed: what is open does not depend on the years behind.
                    made = _incident(sheets, trail, t_ms, number, area, t_ms + 7_200_000)
                    place = (made, area)
                elif what == "task":
                    _TaskMaker(sheets, trail).life(
                        t_ms, number, place, terminals[number % len(terminals)]
                    )
                else:
                    trail.act(t_ms, "session.opened", "duty", "值班员 登录", "duty signed in")
            sheets.write()


def furnish(
    data_dir: Path, *, terminals: int, tasks_each: int, enterprises: int, now_ms: int
) -> Furnished:
    """Give a post handhelds with open tasks and sessions, and enterprises to visit."""
    streets = _streets()
    names = tuple(f"HT-{1000 + number}" for number in range(terminals))
    users: dict[str, str] = {}
    tasks: dict[str, tuple[str, ...]] = {}
    with _raw(data_dir) as database:
        sheets = _Sheets(database)
        trail = _Trail(database, sheets, random.Random(8))

        def open_session(user_id: str, name: str) -> None:
            hashed = token_hash(Furnished.token(name))
            sheets.add("usersession", hashed, user_id, now_ms, now_ms, "127.0.0.1")

        for user_id, username in database.execute('SELECT id, username FROM "user"').fetchall():
            open_session(user_id, username)
        area = streets[0]
        incident_id = _incident(sheets, trail, now_ms - 60_000, 1, area, None)
        maker, number = _TaskMaker(sheets, trail), 0
        for at, name in enumerate(names):
            sheets.add("terminal", name, 1, area, f"{name} 持有人", name, "enforcement", None)
            users[name] = user_id = made_id(now_ms - 90_000, at)
            sheets.add(
                "user",
                *(user_id, 1, "", "", name.lower(), f"{name} 持有人", "inspector", "", name),
                *("[]", 0, 0, 0, None, None, 0, None, None, 0, now_ms),
            )
            open_session(user_id, name)
            own: list[str] = []
            for _ in range(tasks_each):
                number += 1
                place = (incident_id, area)
                own.append(maker.row(now_ms - 30_000, number, place, name, "acknowledged"))
            tasks[name] = tuple(own)
        for at in range(enterprises):
            sheets.add(
                "enterprise",
                *(made_id(now_ms - 80_000, at), 1, streets[at % len(streets)]),
                *(
                    f"西山区第{at}号商贸有限公司",
                    f"91530112MA6{at:07d}",
                    "批发和零售",
                    "ABCD"[at % 4],
                ),
                *(f"人民西路 {at} 号", f"联系人{at}", f"1380000{at:04d}", at % 90, at % 50 == 0),
                *(SMOKE[0] + at * 1e-5, SMOKE[1] + at * 1e-5),
            )
        sheets.write()
    return Furnished(incident_id, names, tasks, users)


def make_year(
    data_dir: Path,
    size: Size | None,
    *,
    terminals: int = 300,
    tasks_each: int = 1,
    enterprises: int = 2000,
) -> Furnished:
    """Make a post under load in a fresh folder, with a year behind it unless `size` is None."""
    seed(data_dir)
    now_ms = time.time_ns() // 1_000_000
    if size is not None:
        names = tuple(f"HT-{1000 + number}" for number in range(terminals))
        fill(data_dir, size, names, now_ms)
    return furnish(
        data_dir,
        terminals=terminals,
        tasks_each=tasks_each,
        enterprises=enterprises,
        now_ms=now_ms,
    )


if __name__ == "__main__":
    began = time.monotonic()
    share = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
    make_year(Path(sys.argv[1]), Size().scaled(share))
    print(f"{time.monotonic() - began:.0f} s")
