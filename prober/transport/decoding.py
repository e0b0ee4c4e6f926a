"""Undoes the content encodings of a body, as a browser would: gzip, deflate, br and zstd, in any order, to a cap.

We ask for none (`Accept-Encoding: identity`), but a deployment may answer encoded all the same, and what it hides so is
readable by every client that decodes it.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MOST_LAYERS = 4  # encodings of one body: more than two are never seen, and each may be a bomb
_GZIP_MAGIC = b"\x1f\x8b\x08"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_ZSTD_WINDOW = 8 * 1024 * 1024  # bytes: the window that browsers allow (RFC 9659)
_ZSTD_STEP = 64  # bytes in: a block of four bytes may stand for 128 KiB
_NO_ENCODING = frozenset({"", "identity", "none", "utf-8", "chunked"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A body after its encodings were undone, and why not all of it could be read (None: all of it was)."""

    body: bytes
    problem: str | None = None


def decode(body: bytes, encodings: Iterable[str], *, most: int) -> Decoded:
    """Undo the encodings (the values of every Content-Encoding header, in order) to `most` bytes.

    A body that is compressed and does not say so, or once more than it says, is decoded too: its first bytes give it
    away.
    """
    names = [name.strip().lower() for value in encodings for name in value.split(",")]
    layers = [name for name in reversed(names) if name not in _NO_ENCODING]
    if len(layers) > MOST_LAYERS:
        return Decoded(body=body, problem=f"it has {len(layers)} content encodings")
    undone = 0
    while (name := layers[undone] if undone < len(layers) else _unnamed(body)) and undone < MOST_LAYERS:
        undone += 1
        decoder = _DECODERS.get(name)
        if decoder is None:
            return Decoded(body=body, problem=f"its content encoding '{name[:40]}' is not known")
        try:
            body, complete = decoder(body, most)
        except _BrokenError:
            return Decoded(body=body, problem=f"it is not valid {name}")
        if not complete:
            return Decoded(body=body, problem=f"it is cut off, or longer than {most // 1024} KiB when decoded")
    if _unnamed(body):
        return Decoded(body=body, problem=f"it is compressed more than {MOST_LAYERS} times")
    return Decoded(body=body)


def _unnamed(body: bytes) -> str | None:
    if body.startswith(_GZIP_MAGIC):
        return "gzip"
    return "zstd" if body.startswith(_ZSTD_MAGIC) else None


class _BrokenError(Exception):
    """The bytes are not in this encoding."""


def _gunzip(body: bytes, most: int) -> tuple[bytes, bool]:
    """Decode every member of a gzip file: whoever reads only the first misses what is hidden behind it."""
    out, rest = bytearray(), body
    while rest and len(out) < most:
        member = zlib.decompressobj(wbits=31)
        try:
            out += member.decompress(rest, most - len(out))
        except zlib.error as error:
            if out:  # what follows a whole member is not gzip: clients ignore it
                return bytes(out), True
            raise _BrokenError from error
        if not member.eof:
            return bytes(out), False
        rest = member.unused_data
    return bytes(out), not rest


def _inflate(body: bytes, most: int) -> tuple[bytes, bool]:
    """Decode deflate with zlib's header, as the standard has it, or without, as some servers send it."""
    for bits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        stream = zlib.decompressobj(wbits=bits)
        try:
            return stream.decompress(body, most), stream.eof
        except zlib.error:
            continue
    raise _BrokenError


def _unbrotli(body: bytes, most: int) -> tuple[bytes, bool]:
    import brotli  # noqa: PLC0415 - few deployments answer with it unasked

    stream = brotli.Decompressor()
    try:
        out: bytes = stream.process(body, output_buffer_limit=most)
    except brotli.error as error:
        raise _BrokenError from error
    return out[:most], bool(stream.is_finished())


def _unzstd(body: bytes, most: int) -> tuple[bytes, bool]:
    """Decode every frame. The library has no cap for its output, so it is fed little by little."""
    import zstandard  # noqa: PLC0415 - the same

    out, decompressor = bytearray(), zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    frame = decompressor.decompressobj()
    at = 0
    try:
        while at < len(body) and len(out) <= most:
            if frame.eof:
                frame = decompressor.decompressobj()
            part = body[at : at + _ZSTD_STEP]
            out += frame.decompress(part)
            at += len(part) - len(frame.unused_data)
    except zstandard.ZstdError as error:
        raise _BrokenError from error
    return bytes(out[:most]), frame.eof and len(out) <= most


_DECODERS: dict[str, Callable[[bytes, int], tuple[bytes, bool]]] = {
    "gzip": _gunzip, "x-gzip": _gunzip, "deflate": _inflate, "br": _unbrotli, "zstd": _unzstd,
}  # fmt: skip
