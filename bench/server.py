"""A TLS server that answers at once, or later, as the bench's surface promises: CERTIFICATE CORE DELAY [HOST]."""

# A script, not a package; it prints the port that it got.
# ruff: noqa: INP001, T201

from __future__ import annotations

import asyncio
import os
import ssl
import sys

ANSWERS = {
    b"/guarded": (b"401 Unauthorized", b'{"error":"unauthorized"}'),
    b"/open": (b"200 OK", b'{"ok":true}'),
    b"/wide": (b"200 OK", b'{"saved":true}'),
}
NOWHERE = (b"404 Not Found", b'{"error":"not found"}')


def answer_to(target: bytes) -> bytes:
    """Give the whole answer to a path: /guarded/7, /open/7, or one that does not exist."""
    folder, _, name = target.rpartition(b"/")
    status, body = ANSWERS.get(folder, NOWHERE) if name.isdigit() else NOWHERE
    head = b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return head % (status, len(body)) + body


async def serve(certificate: str, delay: float, host: str) -> None:
    """Serve until the process is ended."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                _, found, rest = head.lower().partition(b"\r\ncontent-length:")
                if found:
                    await reader.readexactly(int(rest.split(b"\r\n", 1)[0]))
                if delay:
                    await asyncio.sleep(delay)
                writer.write(answer_to(head.split(b" ", 2)[1]))
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError, ssl.SSLError):
            writer.close()

    server = await asyncio.start_server(connected, host, 0, ssl=context, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    os.sched_setaffinity(0, {int(sys.argv[2])})
    asyncio.run(serve(sys.argv[1], float(sys.argv[3]), (*sys.argv[4:], "127.0.0.1")[0]))
