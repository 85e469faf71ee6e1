"""What all tests share: they log as the commands do, and no test fails for being slow."""

from hypothesis import settings

from xunshan import log_plainly

log_plainly()
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
