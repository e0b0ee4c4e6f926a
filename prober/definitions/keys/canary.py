"""The keys of `canary:` in prober.yaml. Each is also an option of `prober watch`, which takes its words from here."""

from __future__ import annotations

from prober.definitions.keys.shapes import DAY, SECRET_SOURCE, duration, one_or_more, seconds, whole_number
from prober.definitions.keys.table import Key, Option, Range, Shape, Table

EVERY = seconds(least=1.0, most=DAY)
CONFIRM = Range(least=1, most=100)
REMIND = seconds(least=1.0, most=365 * DAY, or_zero=True)
KEEP = seconds(least=3_600.0, most=3_650 * DAY)

_ADDRESS_AND_PORT = Shape(
    shown="address and port",
    schema={"type": "string", "pattern": r"^(\[[0-9A-Fa-f:.]+\]|[0-9.]+|localhost):[0-9]{1,5}$"},
)
_HOST_NAME = Shape(
    shown="host name",
    schema={
        "type": "string",
        "maxLength": 253,
        "pattern": r"^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?)*$",
    },
)

CANARY = Table(
    name="canary",
    of="'canary'",
    title="The canary",
    about="How `prober watch` probes the deployment; a flag on the command line wins over each key.",
    where="`canary` in prober.yaml",
    keys=(
        Key(
            name="every",
            shape=duration(EVERY),
            about="Time between the starts of two runs.",
            default="5m",
            examples=("1m", "5m", "15m", "1h"),
            option=Option(metavar="DURATION"),
        ),
        Key(
            name="confirm",
            shape=whole_number(CONFIRM),
            about="Number of consecutive runs before a change other than a leak is reported (or cleared).",
            default="2",
            option=Option(metavar="N"),
        ),
        Key(
            name="remind",
            shape=duration(REMIND),
            about="Repeat the alert for anything still open at this interval (0 = never).",
            default="6h",
            examples=("1h", "6h", "1d", "0"),
            option=Option(metavar="DURATION"),
        ),
        Key(
            name="keep",
            shape=duration(KEEP),
            about="Retention of runs; changes are kept four times longer.",
            default="90d",
            examples=("30d", "90d", "365d"),
            option=Option(metavar="DURATION"),
        ),
        Key(
            name="alerts",
            shape=one_or_more(SECRET_SOURCE, shown="`env:NAME` or `file:PATH`, or a list", unique=True),
            about="Where to send alerts: a webhook URL or an Apprise URL.",
            examples=("env:ALERT_URL",),
            option=Option(flag="alert", metavar="URL|SOURCE", multiple=True),
        ),
        Key(
            name="alert-secret",
            shape=SECRET_SOURCE,
            about="Secret that signs the alerts to webhooks.",
            option=Option(metavar="SOURCE"),
        ),
        Key(
            name="ping",
            shape=SECRET_SOURCE,
            about="URL to request after each finished run (dead man's switch).",
            option=Option(metavar="URL|SOURCE"),
        ),
        Key(
            name="listen",
            shape=_ADDRESS_AND_PORT,
            about="Serve a status page and /metrics at this address and port.",
            examples=("127.0.0.1:9420",),
            option=Option(metavar="ADDRESS:PORT"),
        ),
        Key(
            name="page-token",
            shape=SECRET_SOURCE,
            about="Token required to view the page.",
            option=Option(metavar="SOURCE"),
        ),
        Key(
            name="behind-proxy",
            shape=_HOST_NAME,
            about="Host name under which a proxy, which signs users in, serves the page.",
            examples=("canary.example.com",),
            option=Option(metavar="NAME"),
        ),
    ),
)
