"""Routes in what applications print of themselves: each framework's own list, robots.txt, a sitemap, a page."""

from __future__ import annotations

import pytest

from prober.discovery.listings import discovered_in_listing, paths_in_page, paths_in_robots, paths_in_sitemap

ORIGIN = "https://shop.example"


@pytest.mark.parametrize(
    ("line", "routes"),
    [
        pytest.param("basket.show   GET, HEAD, OPTIONS  /basket/<int:basket_id>", ["GET /basket/:basketId<int>"], id="flask"),
        pytest.param("static  GET  /static/<path:filename>", ["GET /static/:filename"], id="flask-path"),
        pytest.param("/orders/<uuid:pk>/\tshop.views.Order\torder-detail", ["GET /orders/:pk<uuid>/"], id="django"),
        pytest.param("  new_item POST   /items/:item_id/notes(.:format)   notes#create", ["POST /items/:itemId/notes"], id="rails"),
        pytest.param("PUT|PATCH /items/{item}  items.update", ["PUT /items/:item", "PATCH /items/:item"], id="laravel"),
        pytest.param("GET    /api/files/*rest", ["GET /api/files/:rest"], id="star"),
        pytest.param("POST /cron/nightly", ["POST /cron/nightly"], id="by-hand"),
        pytest.param("Endpoint  Methods  Rule", [], id="head-of-a-table"),
    ],
)  # fmt: skip
def test_line_of_a_list_is_a_route_for_each_method(line: str, routes: list[str]) -> None:
    found, notes = discovered_in_listing(line, file="list")
    assert ([route.name for route in found], notes) == (routes, ())


def test_path_that_is_a_pattern_of_another_kind_is_named_and_not_guessed() -> None:
    found, notes = discovered_in_listing("GET /ok\nGET /year/(?P<y>[0-9]{4})/\n", file="list")
    assert [route.name for route in found] == ["GET /ok"]
    assert notes == ("list:2: '/year/(?P<y>[0-9]{4})/' is no path that can be probed",)


def test_links_of_the_own_origin_are_taken_and_what_dresses_a_page_is_not() -> None:
    page = (
        '<a href="/a?x=1">a</a><a href="b/c">c</a><form action="https://shop.example/send"><img src="/i.png">'
        '<a href="https://other.example/d">d</a><a href="mailto:me@shop.example">m</a><a href="//evil.example/e">e</a>'
    )
    assert paths_in_page(page, origin=ORIGIN) == ["/a", "/b/c", "/send"]


def test_robots_and_sitemap_name_paths() -> None:
    assert paths_in_robots("User-agent: *\nDisallow: /staff # not you\nAllow: /\nDisallow: /*.pdf\n") == ["/staff"]
    text = "<urlset><url><loc>https://shop.example/x</loc></url><url><loc>https://o.example/y</loc></url></urlset>"
    assert paths_in_sitemap(text, origin=ORIGIN) == ["/x"]
