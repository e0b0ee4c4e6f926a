"""Names the place of a bug of ours, without the words of its message."""

from __future__ import annotations

import traceback
from pathlib import Path


def crash_location(error: Exception) -> str:
    """Name a bug by its place in our code; its message may repeat what the deployment sent."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
