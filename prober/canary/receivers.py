"""Receivers of alerts: signed webhooks, and whatever apprise knows. Each accepts a message, or says why it does not."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prober.canary.http_client import LIMIT, exchange, target_of
from prober.errors import UsageError, install_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from apprise import Apprise

    from prober.canary.http_client import Target

SIGNATURE = "X-Lockdown-Signature"
_WEBHOOKS = frozenset({"http", "https", "webhook+http", "webhook+https"})
_LATER = frozenset({408, 425, 429})
_LEVELS = {"leak": "failure", "warning": "warning", "closed": "success"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFailure:
    """Why a message was not taken; `is_of_message` where the receiver is there and does not want this one."""

    why: str
    is_of_message: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """A receiver of alerts. The history knows it by its key, which holds no secret (a URL may)."""

    key: str
    shown: str
    deliver: Callable[[str], Coroutine[object, object, DeliveryFailure | None]]
    target: Target | None = None  # of a webhook


def receiver_of(url: str, *, secret: str | None, wall: Callable[[], float]) -> Receiver:
    """Read a receiver's URL: a webhook's, or one of apprise's."""
    scheme = urlsplit(url).scheme if "://" in url else ""
    if not scheme:
        raise UsageError("--alert is not a URL", fix="write it as https://host/path, or as apprise has it: slack://…")
    mark = hashlib.sha256(url.encode()).hexdigest()[:12]
    if scheme not in _WEBHOOKS:
        deliver, shown = partial(_by_apprise, _apprise(url, scheme)), f"{scheme}://"
        return Receiver(key=f"{shown} {mark}", shown=shown, deliver=deliver)
    target = target_of(url.removeprefix("webhook+"), option="--alert")
    if secret is None:
        fix = "give --alert-secret env:NAME: a receiver cannot tell an unsigned alert from a forged one"
        raise UsageError(f"--alert {target.origin} must be signed", fix=fix)
    deliver = partial(_by_webhook, target, secret, wall)
    return Receiver(key=f"{target.origin} {mark}", shown=target.origin, deliver=deliver, target=target)


def signature(body: bytes, secret: str, *, at: int) -> str:
    """Sign what is sent and when: HMAC-SHA256 over the time, a full stop and the body."""
    made = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={made}"


async def _by_webhook(target: Target, secret: str, wall: Callable[[], float], message: str) -> DeliveryFailure | None:
    body = message.encode()
    headers = (
        ("Content-Type", "application/json"),
        ("Idempotency-Key", str(json.loads(message)["id"])),
        (SIGNATURE, signature(body, secret, at=int(wall()))),
    )
    answer = await exchange(target, method="POST", headers=headers, body=body)
    if isinstance(answer, str):
        return DeliveryFailure(why=answer)
    if 200 <= answer < 300:  # noqa: PLR2004 - HTTP's own classes, here and below
        return None
    return DeliveryFailure(why=f"answered {answer}", is_of_message=400 <= answer < 500 and answer not in _LATER)  # noqa: PLR2004


def _apprise(url: str, scheme: str) -> Apprise:
    try:
        import apprise  # noqa: PLC0415 - an extra, and 200 ms
    except ImportError:
        fix = f"{install_of('alerts')}; or give a webhook: https://host/path"
        raise UsageError(f"--alert {scheme}:// needs the extra 'alerts'", fix=fix) from None
    made = apprise.Apprise()
    if not made.add(url):
        raise UsageError(f"--alert {scheme}:// is not a URL that apprise knows", fix="see apprise's list of services")
    return made


async def _by_apprise(made: Apprise, message: str) -> DeliveryFailure | None:
    """Apprise blocks, and says only whether it went well; a thread that hangs is left behind."""
    alert = json.loads(message)
    level = _LEVELS[alert["level"]]
    call = partial(made.notify, title=alert["title"], body=alert["text"], notify_type=level, body_format="text")
    try:
        taken = await asyncio.wait_for(asyncio.to_thread(call), timeout=3 * LIMIT)
    except TimeoutError:
        return DeliveryFailure(why=f"no answer in {3 * LIMIT:g} s")
    except Exception as error:  # noqa: BLE001 - of a plugin of somebody's; the queue goes on
        return DeliveryFailure(why=f"apprise failed: {type(error).__name__}")
    return None if taken else DeliveryFailure(why="apprise could not deliver it")
