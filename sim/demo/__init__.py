"""`xunshan demo`: the whole system on one machine, started, watched and stopped as one."""
