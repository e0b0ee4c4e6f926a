"""Notes for members, a report for the administrator, and a nightly job: an API with three guards.

BROKEN=bearer, admin or cron breaks one of them, as it happens to people.
"""

from __future__ import annotations

import os
import secrets
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

BROKEN = os.environ.get("BROKEN", "")
MEMBER = os.environ.get("NOTES_TOKEN") or secrets.token_urlsafe()
ADMIN = os.environ.get("ADMIN_TOKEN") or secrets.token_urlsafe()
CRON = os.environ.get("CRON_SECRET") or secrets.token_urlsafe()

app = FastAPI(title="Notes", docs_url=None, redoc_url=None)
bearer = HTTPBearer()
cron_secret = APIKeyHeader(name="X-Cron-Secret")


class Note(BaseModel):
    """What a member writes down."""

    text: str


def member(given: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> None:
    """Let members and the administrator in."""
    if BROKEN == "bearer":  # it only looks whether a token is there
        return
    if not any(secrets.compare_digest(given.credentials, token) for token in (MEMBER, ADMIN)):
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})


def admin(given: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> None:
    """Let the administrator in."""
    if not secrets.compare_digest(given.credentials, ADMIN):
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})


def scheduler(given: Annotated[str, Depends(cron_secret)]) -> None:
    """Let the scheduler in."""
    expected = "None" if BROKEN == "cron" else CRON  # str(os.environ.get("CRON_SECRET")), and it is not set
    if not secrets.compare_digest(given, expected):
        raise HTTPException(401)


@app.get("/healthz")
def healthz() -> dict[str, bool]:
    """Say that the process is up."""
    return {"ok": True}


@app.get("/notes", dependencies=[Depends(member)])
def notes() -> list[Note]:
    """Give every note."""
    return [Note(text="the plans for next year")]


@app.post("/notes", dependencies=[Depends(member)], status_code=201)
def add_note(note: Note) -> Note:
    """Write a note down."""
    return note


@app.get("/admin/report", dependencies=[] if BROKEN == "admin" else [Depends(admin)])
def report() -> dict[str, int]:
    """Count the members."""
    return {"members": 12}


@app.post("/cron/nightly", dependencies=[Depends(scheduler)])
def nightly() -> dict[str, bool]:
    """Do what is done every night."""
    return {"done": True}
