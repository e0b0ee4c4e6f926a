"""The lockdown prober says whether every door of a live deployment is locked, in its auth mode."""

__version__ = "0.1.0"
