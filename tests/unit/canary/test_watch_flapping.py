"""A route that opens and closes again and again."""

from __future__ import annotations

from tests.support.watch_scene import EVERY, Scene


def test_one_replica_that_stands_open_is_said_to_flap_once(scene: Scene) -> None:
    scene.runs = "L!LL!LL!LLL!LLLL!LL"
    scene.run(18 * EVERY + 60)
    assert scene.told == [
        "1 route became public (me GET /api/me)", "1 route is locked again", "1 route became public (me GET /api/me)",
    ]  # fmt: skip
    first, _, again = scene.messages
    assert "it flaps" not in first["text"]
    assert "it flaps: it was locked again at " in again["text"]
    assert "and now 10 runs in a row must find it so" in again["text"]


def test_a_route_that_flapped_is_locked_again_in_the_end(scene: Scene) -> None:
    scene.runs = "L!LL!" + "L" * 10
    scene.run(14 * EVERY + 60)
    assert [message["level"] for message in scene.messages] == ["leak", "closed", "leak", "closed"]


def test_a_watch_that_is_started_anew_knows_what_flapped(scene: Scene) -> None:
    scene.runs = "L!LL"
    scene.run(3 * EVERY + 60)
    scene.began.clear()
    scene.runs = "!LL"
    scene.run(2 * EVERY + 60)
    assert [message["level"] for message in scene.messages] == ["leak", "closed", "leak"]
    assert "it flaps" in scene.messages[-1]["text"]


def test_a_route_that_opens_again_much_later_does_not_flap(scene: Scene) -> None:
    scene.runs = "L!LL" + "L" * 80 + "!LL"
    scene.run(86 * EVERY + 60)
    assert [message["level"] for message in scene.messages] == ["leak", "closed", "leak", "closed"]
    assert "it flaps" not in scene.messages[2]["text"]
