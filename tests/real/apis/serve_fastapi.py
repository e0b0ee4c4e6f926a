"""An API of FastAPI, written as its documentation does: PORT FORM FOLDER."""

import sys
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, OAuth2PasswordBearer
from pydantic import BaseModel

PORT, FORM, _ = sys.argv[1:]
MEMBERS = {"a-members-own-token": "member"}
app = FastAPI()


class Note(BaseModel):
    text: str


def look_up(token: str) -> str:
    if token not in MEMBERS:
        raise HTTPException(401, "Invalid token", headers={"WWW-Authenticate": "Bearer"})
    return MEMBERS[token]


def by_http_bearer(sent: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> str:
    return look_up(sent.credentials)


def by_http_bearer_alone(sent: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> str:
    return sent.credentials


def by_oauth2(token: Annotated[str, Depends(OAuth2PasswordBearer(tokenUrl="token"))]) -> str:
    return look_up(token)


def by_oauth2_alone(token: Annotated[str, Depends(OAuth2PasswordBearer(tokenUrl="token"))]) -> str:
    """As the first page of the tutorial leaves it: the token is there, and nobody looks at it."""
    return token


Who = Annotated[str, Depends({
    "http-bearer": by_http_bearer, "http-bearer-alone": by_http_bearer_alone,
    "oauth2": by_oauth2, "oauth2-alone": by_oauth2_alone,
}[FORM])]  # fmt: skip


@app.get("/api/health")
def health() -> dict[str, bool]:
    return {"ok": True}


@app.get("/api/notes")
def notes(who: Who) -> list[dict[str, str]]:
    return [{"of": who, "text": "the plans for next year"}]


@app.post("/api/notes", status_code=201)
def add(note: Note, who: Who) -> dict[str, str]:
    return {"of": who, "text": note.text}


@app.get("/api/notes/{number}")
def one(number: str, who: Who) -> dict[str, str]:
    return {"of": who, "text": "the plans for next year", "number": number}


uvicorn.run(app, host="127.0.0.1", port=int(PORT), log_level="warning")
