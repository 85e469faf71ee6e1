"""What all tests share: they log as the commands do, and no test fails for being slow."""

import gc
import os

from hypothesis import settings

from xunshan import log_plainly

log_plainly()
settings.register_profile("unhurried", deadline=None)
# Whoever judges a change judges it by the same cases each time; new ones are sought at home.
settings.register_profile("judging", deadline=None, derandomize=True)
settings.load_profile("judging" if "CI" in os.environ else "unhurried")


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it for garbage takes a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
