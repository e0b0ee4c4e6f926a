"""Tokens that are verified by hand: jose (https://github.com/panva/jose) and jsonwebtoken."""

from __future__ import annotations

from prober.audit.source.analysis.pack import VOUCHED, Example, LibraryGuard, Pack
from prober.audit.source.analysis.values import GuardKind

PACK = Pack(
    name="jwt",
    packages=("jose", "jsonwebtoken"),
    about="`jwtVerify()` of jose and `verify()` of jsonwebtoken throw where the signature is wrong. `decode()` "
    "proves nothing, and neither does a key that the client has sent, or an empty one.",
    guards=(
        LibraryGuard(call="jwtVerify", gives=VOUCHED, throws=True, kind=GuardKind.SIGNATURE, key=1),
        LibraryGuard(call="jwtDecrypt", gives=VOUCHED, throws=True, kind=GuardKind.SIGNATURE, key=1),
        LibraryGuard(call="verify", gives=VOUCHED, throws=True, awaited=False, kind=GuardKind.SIGNATURE, key=1),
    ),
    signs=("sign", "SignJWT", "EncryptJWT", "encrypt"),
    examples=(
        Example(
            status="ok",
            source="""\
import { jwtVerify } from "jose";
export async function GET(request) {
  await jwtVerify(request.headers.get("authorization") ?? "", key);
  return Response.json(await db.note.findMany());
}
""",
        ),
        Example(
            status="unguarded",
            source="""\
import { decode } from "jsonwebtoken";
export async function DELETE(request) {
  const claims = decode(request.headers.get("authorization"));
  if (!claims) return new Response(null, { status: 401 }); // decode() checks no signature
  return Response.json(await db.note.deleteMany({}));
}
""",
        ),
    ),
)
