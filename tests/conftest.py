"""What all tests share: they log as the commands do."""

from xunshan import log_plainly

log_plainly()
