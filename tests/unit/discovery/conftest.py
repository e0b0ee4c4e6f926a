"""Fixtures that several tests of this folder share."""

from __future__ import annotations

from tests.support.discovered import found, source

__all__ = ["found", "source"]
