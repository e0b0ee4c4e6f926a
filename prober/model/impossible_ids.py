"""The ids that stand for what cannot exist, by the type of a path's parameter. Pure."""

from __future__ import annotations

from prober.model.enums import IdType

IMPOSSIBLE_ID = "00000000-0000-4000-8000-000000000000"  # a UUID of version 4, which no generator makes
# The largest but one of 32 bits: what a database can hold, and no sequence has reached.
IMPOSSIBLE_NUMBER = "2147483646"
IMPOSSIBLE_IDS = {
    IdType.UUID: IMPOSSIBLE_ID,
    IdType.INT: IMPOSSIBLE_NUMBER,
    IdType.SLUG: "lockdown-probe",
    IdType.FILE: "lockdown-probe.txt",
}
# What is tried where a router takes no UUID: a number, the id of a document database, and a name with a dot.
OTHER_IDS = (IMPOSSIBLE_NUMBER, "ffffffffffffffffffffffff", IMPOSSIBLE_IDS[IdType.FILE])
