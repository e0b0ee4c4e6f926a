"""Webhooks that are known by their signature: Stripe, Svix, QStash, GitHub, Slack, Twilio."""

from __future__ import annotations

from prober.audit.source.analysis.pack import USER, VOUCHED, Example, LibraryGuard, Pack
from prober.audit.source.analysis.values import GuardKind

_KIND = GuardKind.SIGNATURE
STRIPE = Pack(
    name="stripe",
    packages=("stripe",),
    about="`webhooks.constructEvent()` and `constructEventAsync()` throw where the signature is wrong.",
    guards=(
        LibraryGuard(call="webhooks.constructEvent", gives=VOUCHED, throws=True, awaited=False, kind=_KIND),
        LibraryGuard(call="webhooks.constructEventAsync", gives=VOUCHED, throws=True, kind=_KIND),
    ),
    examples=(
        Example(
            status="ok",
            source="""\
import Stripe from "stripe";
const stripe = new Stripe(process.env.STRIPE_SECRET_KEY!);
export async function POST(request: Request) {
  let event;
  try {
    event = stripe.webhooks.constructEvent(await request.text(), request.headers.get("stripe-signature")!, key);
  } catch {
    return new Response(null, { status: 400 });
  }
  await db.order.update({ where: { id: event.id } });
  return new Response("ok");
}
""",
        ),
    ),
)
SVIX = Pack(
    name="svix",
    packages=("svix", "standardwebhooks"),
    about="`new Webhook(secret).verify()` throws where the signature is wrong.",
    guards=(LibraryGuard(call="verify", gives=VOUCHED, throws=True, awaited=False, kind=_KIND),),
    examples=(
        Example(
            status="ok",
            source="""\
import { Webhook } from "svix";
export async function POST(request: Request) {
  const event = new Webhook(secret).verify(await request.text(), request.headers);
  await db.user.create({ data: event });
  return new Response("ok");
}
""",
        ),
    ),
)
QSTASH = Pack(
    name="qstash",
    packages=("@upstash/qstash",),
    about="`verifySignatureAppRouter(handler)` and `verifySignature(handler)` guard what they wrap; "
    "`receiver.verify()` throws.",
    guards=(LibraryGuard(call="verify", gives=VOUCHED, throws=True, kind=_KIND),),
    wrappers=("verifySignatureAppRouter", "verifySignature", "verifySignatureEdge"),
    examples=(
        Example(
            status="ok",
            source="""\
import { verifySignatureAppRouter } from "@upstash/qstash/nextjs";
export const POST = verifySignatureAppRouter(async () => {
  await db.job.create({});
  return new Response("ok");
});
""",
        ),
    ),
)
GITHUB = Pack(
    name="github-webhooks",
    packages=("@octokit/webhooks", "@octokit/webhooks-methods"),
    about="`verify()` gives whether the signature is right; `verifyAndReceive()` throws.",
    guards=(
        LibraryGuard(call="verify", gives=USER, kind=_KIND),
        LibraryGuard(call="verifyAndReceive", gives=VOUCHED, throws=True, kind=_KIND),
    ),
    examples=(
        Example(
            status="ok",
            source="""\
import { verify } from "@octokit/webhooks-methods";
export async function POST(request: Request) {
  const right = await verify(secret, await request.text(), request.headers.get("x-hub-signature-256")!);
  if (!right) return new Response(null, { status: 401 });
  await db.push.create({});
  return new Response("ok");
}
""",
        ),
    ),
)
SLACK = Pack(
    name="slack",
    packages=("@slack/bolt",),
    about="`verifySlackRequest()` throws, `isValidSlackRequest()` gives whether the signature is right.",
    guards=(
        LibraryGuard(call="verifySlackRequest", gives=VOUCHED, throws=True, awaited=False, kind=_KIND),
        LibraryGuard(call="isValidSlackRequest", gives=USER, awaited=False, kind=_KIND),
    ),
    examples=(
        Example(
            status="ok",
            source="""\
import { verifySlackRequest } from "@slack/bolt";
export async function POST(request: Request) {
  verifySlackRequest({ signingSecret, headers, body: await request.text() });
  await db.message.create({});
  return new Response("ok");
}
""",
        ),
    ),
)
TWILIO = Pack(
    name="twilio",
    packages=("twilio",),
    about="`validateRequest()` and `validateRequestWithBody()` give whether the signature is right.",
    guards=(
        LibraryGuard(call="validateRequest", gives=USER, awaited=False, kind=_KIND),
        LibraryGuard(call="validateRequestWithBody", gives=USER, awaited=False, kind=_KIND),
    ),
    examples=(
        Example(
            status="ok",
            source="""\
import twilio from "twilio";
export async function POST(request: Request) {
  const form = Object.fromEntries(await request.formData());
  if (!twilio.validateRequest(token, request.headers.get("x-twilio-signature") ?? "", request.url, form)) {
    return new Response(null, { status: 403 });
  }
  await db.message.create({ data: form });
  return new Response("<Response/>");
}
""",
        ),
    ),
)
PACKS = (STRIPE, SVIX, QSTASH, GITHUB, SLACK, TWILIO)
