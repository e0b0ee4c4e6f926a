"""Reads the alert options of a watch: its receivers, and the URL that notices when the canary has stopped."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from prober.app.secrets import read_source, value_or_source
from prober.canary.http_client import target_of
from prober.canary.receivers import receiver_of
from prober.errors import UsageError
from prober.model.origin import is_loopback

if TYPE_CHECKING:
    from prober.app.options import WatchOptions
    from prober.canary.http_client import Target
    from prober.canary.receivers import Receiver


def receivers_of(options: WatchOptions) -> list[Receiver]:
    """Read whom to tell, each from where it is kept; what could not be told safely is refused."""
    source = options.alert_secret
    secret = None if source is None else read_source(source, of="--alert-secret")
    receivers: dict[str, Receiver] = {}
    for entry in options.alert:
        url = value_or_source(entry, of="--alert")
        receiver = receiver_of(url, secret=secret, wall=time.time)
        if receiver.target is not None:
            _check_way(receiver.target)
        if receiver.key in receivers:
            raise UsageError(f"--alert {receiver.shown} is given twice", fix="remove one of them")
        receivers[receiver.key] = receiver
    return list(receivers.values())


def _check_way(target: Target) -> None:
    """An alert says which doors stand open."""
    if target.scheme != "https" and not is_loopback(target.host):
        what = f"--alert {target.origin} would receive alerts of open routes without TLS"
        raise UsageError(what, fix="use https for it")


def ping_of(options: WatchOptions) -> Target | None:
    """Read what is asked for after each run."""
    if options.ping is None:
        return None
    return target_of(value_or_source(options.ping, of="--ping"), option="--ping")
