"""A line of a given round trip between two network namespaces: packets of one are held, and written to the other.

It needs root, `ip` and /dev/net/tun, but no module of the kernel that delays packets. Nothing leaves the machine.
"""

# A script, not a package; it starts `ip` alone.
# ruff: noqa: INP001, S603, S607

from __future__ import annotations

import ctypes
import fcntl
import heapq
import os
import select
import struct
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENT, SERVER = "10.213.7.1", "10.213.7.2"
_NEW_NETWORK = 0x40000000  # CLONE_NEWNET
_SET_NAME, _IP_PACKETS = 0x400454CA, 0x0001 | 0x1000  # TUNSETIFF; IFF_TUN and IFF_NO_PI
_LARGEST = 65_536


def why_not() -> str | None:
    """Say why no such line can be made here, None where it can."""
    if os.geteuid() != 0:
        return "it needs root"
    if not Path("/dev/net/tun").exists():
        return "there is no /dev/net/tun"
    return None


@contextmanager
def line(round_trip: float) -> Iterator[tuple[list[str], list[str]]]:
    """Give the starts of commands that run at the client's end and at the server's; `round_trip` is in seconds."""
    names = [f"bench-{os.getpid()}-{end}" for end in ("a", "b")]
    made: list[str] = []
    stop = threading.Event()
    try:
        devices = []
        for name, own, other in zip(names, (CLIENT, SERVER), (SERVER, CLIENT), strict=True):
            _ip("netns", "add", name)
            made.append(name)
            devices.append(_device_in(name))
            _ip("-n", name, "link", "set", "lo", "up")
            _ip("-n", name, "addr", "add", own, "peer", other, "dev", "bench0")
            _ip("-n", name, "link", "set", "bench0", "up")
        thread = threading.Thread(target=_carry, args=(devices, round_trip / 2, stop))
        thread.start()
        try:
            yield tuple(["ip", "netns", "exec", name] for name in names)  # type: ignore[misc]
        finally:
            stop.set()
            thread.join()
            for device in devices:
                os.close(device)
    finally:
        for name in made:
            _ip("netns", "del", name)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, stdout=sys.stderr)


def _device_in(namespace: str) -> int:
    """Open a device for IP packets in a namespace, from a thread that enters it alone; give its descriptor."""
    opened: list[int] = []

    def open_there() -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        with Path(f"/var/run/netns/{namespace}").open("rb") as there:
            if libc.setns(there.fileno(), _NEW_NETWORK) != 0:
                return
        device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(device, _SET_NAME, struct.pack("16sH", b"bench0", _IP_PACKETS))
        opened.append(device)

    thread = threading.Thread(target=open_there)
    thread.start()
    thread.join()
    return opened[0]


def _carry(devices: list[int], delay: float, stop: threading.Event) -> None:
    """Carry packets both ways, each `delay` seconds after it came, in order."""
    poll = select.poll()
    for device in devices:
        poll.register(device, select.POLLIN)
    other = {devices[0]: devices[1], devices[1]: devices[0]}
    held: list[tuple[float, int, int, bytes]] = []
    number = 0
    while not stop.is_set():
        now = time.monotonic()
        while held and held[0][0] <= now:
            _, _, to, packet = heapq.heappop(held)
            os.write(to, packet)
        wait = 50.0 if not held else max((held[0][0] - time.monotonic()) * 1000, 0.0)
        for device, _ in poll.poll(min(wait, 50.0)):
            try:
                while True:
                    packet = os.read(device, _LARGEST)
                    number += 1
                    heapq.heappush(held, (time.monotonic() + delay, number, other[device], packet))
            except BlockingIOError:
                continue
