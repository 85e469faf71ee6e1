"""Blocks of ten TCP ports, each used by one program of this machine at a time.

ArduCopter SITL opens its ports one after the other, the later ones only once somebody is connected
to the first, and ends where one is taken. So it gets ports that nobody else will take meanwhile:
whoever holds the last port of a block owns the block, until it ends, however it ends.
"""

import contextlib
import random
import socket

__all__ = ["BLOCK_SIZE", "PortBlock"]

BLOCK_SIZE = 10
_RANGE = range(20_000, 30_000, BLOCK_SIZE)
"""Below the ports that Linux and others hand out by themselves (from 32768)."""


class PortBlock:
    """Ten ports from `base` on; the last one is held as the sign of ownership until `close`."""

    def __init__(self, base: int, guard: socket.socket) -> None:
        self.base = base
        self._guard = guard

    @classmethod
    def take(cls) -> "PortBlock":
        """Own a block whose ports are all free now.

        A block is found at random: a client of an ended program that still tries to come back
        does not meet the next one.

        Raises:
            OSError: no block of the range is free.
        """
        for base in random.sample(_RANGE, len(_RANGE)):
            block = cls._try(base)
            if block is not None:
                return block
        raise OSError(f"no ten free TCP ports between {_RANGE.start} and {_RANGE.stop}")

    @classmethod
    def _try(cls, base: int) -> "PortBlock | None":
        guard = socket.socket()
        try:
            guard.bind(("127.0.0.1", base + BLOCK_SIZE - 1))
            for number in range(base, base + BLOCK_SIZE - 1):
                with contextlib.closing(socket.socket()) as probe:
                    # On all interfaces, as SITL listens.
                    probe.bind(("", number))
        except OSError:
            guard.close()
            return None
        return cls(base, guard)

    def close(self) -> None:
        """Give the block back."""
        self._guard.close()
