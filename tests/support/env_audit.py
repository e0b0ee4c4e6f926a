"""An audit of environment files that are written as text."""

from __future__ import annotations

import hashlib
import os
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from prober.audit.env import audit as env_audit
from prober.audit.env.rules_files import look_at
from prober.environment.environments import load_environments

if TYPE_CHECKING:
    from pathlib import Path

    from prober.model.audit import Environment


def made(name: str) -> str:
    """A value as a generator makes it; made here, so that no scanner finds a secret in this file."""
    return hashlib.sha256(name.encode()).hexdigest()


def bcrypt(cost: str = "12") -> str:
    return f"$2b${cost}${'fakehash' * 6}fakes"


HASH = bcrypt().replace("$", "\\$")  # in double quotes, which everybody reads alike
SESSION = f"AUTH_SECRET={made('session')}\n"
GITHUB = f"AUTH_GITHUB_ID=Iv1.{made('id')[:16]}\nAUTH_GITHUB_SECRET={made('github')}\n"
ADMIN = f'ADMIN_USERNAME=keeper\nADMIN_PASSWORD_HASH="{HASH}"\n'
URL = "NODE_ENV=production\nAUTH_URL=https://brain.example.com\nAUTH_TRUST_HOST=true\n"
OAUTH = GITHUB + SESSION + URL
CREDENTIALS = ADMIN + SESSION + URL

DEV = "ALLOW_DEV_AUTH=true\n"

RIGHT = {
    "oauth": OAUTH + f"ADMIN_EMAILS=a@brain-platform.org,b@brain-platform.org\nMIGRATION_SECRET={made('migration')}\n",
    "credentials": CREDENTIALS + "ALLOW_DEV_AUTH=false\n",
    "credentials+oauth": ADMIN + OAUTH + f"EMAIL_PROVIDER=resend\nEMAIL_API_KEY={made('mail')}\nEMAIL_FROM=a@b.org\n",
    "dev-shim": DEV + "NODE_ENV=development\nAUTH_URL=http://localhost:3000\n",
    "unconfigured": "NODE_ENV=production\n",
}

ALL = frozenset(rule.id for rule in env_audit.RULES)


def write(folder: Path, text: str, name: str = ".env") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    path.chmod(0o600)
    return path


def load(*paths: Path, **how: Any) -> list[Environment]:
    return [
        replace(env, files=tuple([look_at(p) for p in env.paths] + [look_at(p, private=False) for p in env.shared]))
        for env in load_environments(paths, **how)
    ]


def broken(*paths: Path, **how: object) -> list[str]:
    return [breach.rule.id for breach in env_audit.audit(load(*paths, **how), ALL)]


# --- files ------------------------------------------------------------------------------------------------------------


def git(folder: Path, *words: str) -> None:
    clean = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, env=clean)


# --- compose ----------------------------------------------------------------------------------------------------------


def compose(folder: Path, text: str, name: str = "docker-compose.yml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
