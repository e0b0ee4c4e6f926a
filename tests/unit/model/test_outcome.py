"""An answer holds its body in as little memory as it allows, and gives it back as it came."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from prober.model import A_LINE, Answered


def answered(body: bytes, *headers: tuple[str, str]) -> Answered:
    return Answered.of(status=200, headers=headers, body=body, elapsed_ms=1)


@given(st.binary(max_size=64), st.integers(min_value=0, max_value=2000))
def test_body_comes_back_as_it_came(piece: bytes, times: int) -> None:
    assert answered(piece * times).body == piece * times


def test_a_long_page_takes_little_room() -> None:
    assert answered(b"<p>words</p>" * 5000).size < 2000


def test_what_cannot_be_made_shorter_is_held_as_it_is() -> None:
    noise = random.Random(1).randbytes(60_000)
    held = answered(noise)
    assert (held.body, held.size) == (noise, 60_000)


def test_headers_count_with_what_their_lines_cost() -> None:
    assert answered(b"", ("a", "bc"), ("d", "")).size == 2 * A_LINE + 4
