"""The lockdown prober: is every door of a live deployment locked, in the auth mode it is meant to run in?"""

__version__ = "0.1.0"
