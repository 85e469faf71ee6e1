"""A bad network for benchmarks: two network namespaces, a cable between them, loss, a narrow line.

Needs root, `ip` and `tc` (iproute2) and `iptables`. Loss is made by iptables' `statistic`, which
drops packets by chance where they arrive; a narrow line by `tc tbf`. Delay would need netem, which
not every kernel has.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["LossyNet", "lossy_net", "why_not"]

SENDER, RECEIVER = "10.213.7.1", "10.213.7.2"


def why_not() -> str | None:
    """What is missing here, None where nothing is."""
    if os.geteuid() != 0:
        return "only root makes network namespaces"
    missing = [tool for tool in ("ip", "tc", "iptables") if shutil.which(tool) is None]
    return f"{', '.join(missing)} missing" if missing else None


@dataclass(frozen=True)
class LossyNet:
    """Two ends; what the sender sends passes the bad line, the way back is good."""

    sender: str
    receiver: str
    """Names of the namespaces."""
    sender_address: str = SENDER
    receiver_address: str = RECEIVER

    def at_sender(self, command: Sequence[str]) -> list[str]:
        """The command as it runs at the sending end."""
        return ["ip", "netns", "exec", self.sender, *command]

    def at_receiver(self, command: Sequence[str]) -> list[str]:
        """The command as it runs at the receiving end."""
        return ["ip", "netns", "exec", self.receiver, *command]


@contextmanager
def lossy_net(*, loss: float = 0.0, bits_per_s: int | None = None) -> Iterator[LossyNet]:
    """Make one; `loss` is the share of packets dropped, `bits_per_s` what the line carries."""
    mark = f"{os.getpid() % 100_000}"
    net = LossyNet(f"xs-a{mark}", f"xs-b{mark}")
    near, far = f"xsa{mark}", f"xsb{mark}"
    try:
        _run("ip", "netns", "add", net.sender)
        _run("ip", "netns", "add", net.receiver)
        _run("ip", "link", "add", near, "type", "veth", "peer", "name", far)
        for namespace, link, address in (
            (net.sender, near, SENDER),
            (net.receiver, far, RECEIVER),
        ):
            _run("ip", "link", "set", link, "netns", namespace)
            inside = ("ip", "-n", namespace)
            _run(*inside, "addr", "add", f"{address}/24", "dev", link)
            _run(*inside, "link", "set", link, "up")
            _run(*inside, "link", "set", "lo", "up")
        if loss:
            dropped = ["-m", "statistic", "--mode", "random", "--probability", f"{loss:.4f}"]
            rule = ["iptables", "-A", "INPUT", "-i", far, *dropped, "-j", "DROP"]
            _run(*net.at_receiver(rule))
        if bits_per_s:
            shape = ["rate", f"{bits_per_s}bit", "burst", "16kb", "latency", "200ms"]
            _run(*net.at_sender(["tc", "qdisc", "add", "dev", near, "root", "tbf", *shape]))
        yield net
    finally:
        for namespace in (net.sender, net.receiver):
            subprocess.run(["ip", "netns", "del", namespace], capture_output=True)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)
