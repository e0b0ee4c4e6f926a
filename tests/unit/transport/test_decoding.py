"""Content encodings are undone as a browser does, to a cap; what can't be read says so."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from prober.transport.decoding import MOST_LAYERS, decode

MOST = 1024 * 1024
TEXT = b'{"error":"no","apiKey":"0123456789"}' * 40
BARE_DEFLATE = zlib.compress(TEXT)[2:-4]
ZSTD = zstandard.ZstdCompressor()


def packed(times: int) -> bytes:
    body = TEXT
    for _ in range(times):
        body = gzip.compress(body)
    return body


ENCODED = [
    pytest.param(gzip.compress(TEXT), ["gzip"], id="gzip"),
    pytest.param(gzip.compress(TEXT), [" X-GZIP "], id="gzip-by-its-old-name"),
    pytest.param(gzip.compress(gzip.compress(TEXT)), ["gzip, gzip"], id="gzip-twice"),
    pytest.param(zlib.compress(gzip.compress(TEXT)), ["gzip", "deflate"], id="in-two-headers"),
    pytest.param(gzip.compress(TEXT), ["identity", "gzip"], id="identity-first"),
    pytest.param(gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]), ["gzip"], id="two-members"),
    pytest.param(gzip.compress(TEXT) + b"not gzip", ["gzip"], id="something-behind-a-member"),
    pytest.param(zlib.compress(TEXT), ["deflate"], id="deflate"),
    pytest.param(BARE_DEFLATE, ["deflate"], id="deflate-without-a-header"),
    pytest.param(brotli.compress(TEXT), ["br"], id="br"),
    pytest.param(ZSTD.compress(TEXT), ["zstd"], id="zstd"),
    pytest.param(ZSTD.compress(TEXT[:100]) + ZSTD.compress(TEXT[100:]), ["zstd"], id="zstd-in-two-frames"),
    pytest.param(gzip.compress(TEXT), [], id="gzip-that-is-not-declared"),
    pytest.param(ZSTD.compress(TEXT), [], id="zstd-that-is-not-declared"),
    pytest.param(gzip.compress(gzip.compress(TEXT)), ["gzip"], id="gzip-twice-and-declared-once"),
    pytest.param(gzip.compress(ZSTD.compress(TEXT)), [], id="zstd-in-gzip-and-neither-declared"),
    pytest.param(packed(MOST_LAYERS), [], id="as-often-as-it-is-tried"),
    pytest.param(TEXT, [], id="plain"),
    pytest.param(TEXT, ["identity"], id="identity"),
]


@pytest.mark.parametrize(("body", "encodings"), ENCODED)
def test_an_encoded_body_is_read_whole(body: bytes, encodings: list[str]) -> None:
    decoded = decode(body, encodings, most=MOST)
    assert decoded.body == TEXT
    assert decoded.problem is None


@pytest.mark.parametrize(
    ("body", "encodings", "problem"),
    [
        pytest.param(TEXT, ["gzip"], "it is not valid gzip", id="not-gzip"),
        pytest.param(TEXT, ["br"], "it is not valid br", id="not-br"),
        pytest.param(TEXT, ["zstd"], "it is not valid zstd", id="not-zstd"),
        pytest.param(b"\xff\xff\xff", ["deflate"], "it is not valid deflate", id="not-deflate"),
        pytest.param(TEXT, ["aes128gcm"], "its content encoding 'aes128gcm' is not known", id="unknown"),
        pytest.param(packed(MOST_LAYERS + 1), [], "it is compressed more than 4 times", id="more-often-than-it-says"),
        pytest.param(TEXT, ["gzip," * MOST_LAYERS + "gzip"], "it has 5 content encodings", id="too-many"),
        pytest.param(gzip.compress(TEXT)[:-12], ["gzip"], "cut off", id="gzip-cut"),
        pytest.param(brotli.compress(TEXT)[:-4], ["br"], "cut off", id="br-cut"),
        pytest.param(ZSTD.compress(TEXT)[:-4], ["zstd"], "cut off", id="zstd-cut"),
    ],
)
def test_what_cannot_be_decoded_says_why(body: bytes, encodings: list[str], problem: str) -> None:
    assert problem in (decode(body, encodings, most=MOST).problem or "")


@pytest.mark.parametrize(
    ("bomb", "name"),
    [
        pytest.param(gzip.compress(b"0" * 50_000_000), "gzip", id="gzip"),
        pytest.param(zlib.compress(b"0" * 50_000_000), "deflate", id="deflate"),
        pytest.param(brotli.compress(b"0" * 50_000_000, quality=1), "br", id="br"),
        pytest.param(ZSTD.compress(b"0" * 50_000_000), "zstd", id="zstd"),
    ],
)
def test_a_bomb_is_read_to_the_cap_and_reported_as_cut(bomb: bytes, name: str) -> None:
    decoded = decode(bomb, [name], most=MOST)
    assert len(decoded.body) == MOST
    assert "longer than 1024 KiB" in (decoded.problem or "")


@given(
    st.binary(max_size=300), st.lists(st.sampled_from(["gzip", "deflate", "br", "zstd", "identity", "x"]), max_size=3)
)
def test_no_bytes_raise(body: bytes, encodings: list[str]) -> None:
    assert len(decode(body, encodings, most=4096).body) <= 4096
