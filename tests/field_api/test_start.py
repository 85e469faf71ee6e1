"""What starting costs: a command must not load what it does not need."""

import subprocess
import sys

SELDOM_NEEDED = ("nats", "psycopg", "openpyxl", "aiohttp")


def test_drivers_of_what_is_not_there_are_not_loaded() -> None:
    names = f"import sys, field_api.app; print(sorted(set({SELDOM_NEEDED}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", names], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "[]"
