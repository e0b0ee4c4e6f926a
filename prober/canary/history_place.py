"""Where a history in a file is: whether its file is still the one that was opened, and who has claimed its place."""

from __future__ import annotations

import hashlib
import os
import socket
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def identity_of(path: Path) -> tuple[int, int] | None:
    """Give what tells a file from another at the same path; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def claim_name(path: Path) -> socket.socket | None:
    """Claim the history's place by a name that nobody can delete, unlike the lock file; None where it is taken.

    Such names (abstract sockets) are Linux's; elsewhere there is the lock file alone, and the socket has no name.
    """
    claimed = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    folder = path.absolute().parent.stat()
    place = f"{os.getuid()}:{folder.st_dev}:{folder.st_ino}:{path.name}"
    name = b"\0lockdown-prober-history-" + hashlib.sha256(place.encode()).hexdigest().encode()
    try:
        if sys.platform == "linux":
            claimed.bind(name)
    except OSError:
        claimed.close()
        return None
    return claimed
