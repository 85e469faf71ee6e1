"""The command post, the network and the handhelds that the sync machine plays with."""

import json
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx

from field_api.app import utc_ms
from field_api.contract.ids import new_id
from field_api.core.database import Store
from field_api.core.dialect import sqlite_url
from field_api.settings import Settings
from tests.benchmarks.served import Served
from tests.benchmarks.year import Furnished, furnish
from tests.field_api.post import seed
from tests.soak.fault_proxy import FaultProxy

__all__ = ["OWN_AREA", "Device", "World"]

OWN_AREA = "530112001"
"""Where the handhelds belong."""
CLIENT = Path(__file__).parent / "handheld_client.py"


class World:
    """One command post for many runs: it is started anew where it was killed."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="xunshan-soak-")
        self.folder = Path(self._folder.name)
        self.data_dir = self.folder / "post"
        seed(self.data_dir)
        self.made: Furnished = furnish(
            self.data_dir, terminals=2, tasks_each=0, enterprises=0, now_ms=utc_ms()
        )
        self.database = Settings(data_dir=self.data_dir).database_file
        with sqlite3.connect(self.database) as database:
            database.execute(
                "UPDATE user SET areas = ? WHERE terminal_id IS NOT NULL", (f'["{OWN_AREA}"]',)
            )
        database.close()
        self.store = Store(sqlite_url(self.database), utc_ms)
        self.served = Served(self.data_dir)
        self.proxy = FaultProxy(self.served.port)

    def kill_server(self) -> None:
        """Cut the command post's power and switch it on again."""
        port = self.served.port
        self.served.kill()
        self.served = Served(self.data_dir, port)

    def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        """Ask as the duty officer, on a good network."""
        headers = {"Authorization": f"Bearer {Furnished.token('duty')}"}
        url = f"http://127.0.0.1:{self.served.port}/api/v1/{path}"
        answer = httpx.post(url, json=body, headers=headers, timeout=30)
        assert answer.status_code < 300, answer.text
        return answer

    def rows(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        """Read what is on disk."""
        database = sqlite3.connect(self.database)
        try:
            return database.execute(query, values).fetchall()
        finally:
            database.close()

    def close(self) -> None:
        """Stop everything."""
        self.proxy.close()
        self.store.close()
        self.served.stop()
        self._folder.cleanup()


class Device:
    """A handheld's process; killed and started anew, it has its file."""

    def __init__(self, world: World, terminal: str, folder: Path, skew_ms: int) -> None:
        self._command = [
            *(sys.executable, "-S", str(CLIENT), str(folder / f"{new_id()}.sqlite3")),
            *(str(world.proxy.port), Furnished.token(terminal), terminal),
            *(world.made.users[terminal], str(skew_ms)),
        ]
        self.start()

    def start(self) -> None:
        """Switch it on."""
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def begin(self, do: str, **values: Any) -> None:
        """Give a command and do not wait."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **values}) + "\n")
        self._process.stdin.flush()

    def end(self) -> dict[str, Any]:
        """Wait for the answer to a command."""
        assert self._process.stdout is not None
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer
        return answer

    def do(self, command: str, **values: Any) -> dict[str, Any]:
        """Give a command and wait for its answer."""
        self.begin(command, **values)
        return self.end()

    def kill(self) -> None:
        """Take its battery out."""
        self._process.kill()
        self._process.wait(10)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
