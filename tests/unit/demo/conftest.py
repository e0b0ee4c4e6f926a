"""Fixtures that several tests of this folder share."""

from __future__ import annotations

from tests.support.demo_client import demos

__all__ = ["demos"]
