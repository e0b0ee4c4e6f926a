"""Routes in what applications print of themselves: each framework's own list, robots.txt, a sitemap, a page."""

from __future__ import annotations

import pytest

from prober.discovery.listings import (
    discovered_in_listing,
    paths_in_page,
    paths_in_robots,
    paths_in_script,
    paths_in_sitemap,
    scripts_in_page,
    websockets_in_page,
)

ORIGIN = "https://shop.example"


@pytest.mark.parametrize(
    ("line", "routes"),
    [
        pytest.param("basket.show   GET, HEAD, OPTIONS  /basket/<int:basket_id>", ["GET /basket/:basketId<int>"], id="flask"),
        pytest.param("static  GET  /static/<path:filename>", ["GET /static/:filename"], id="flask-path"),
        pytest.param("/orders/<uuid:pk>/\tshop.views.Order\torder-detail", ["GET /orders/:pk<uuid>/"], id="django"),
        pytest.param("  new_item POST   /items/:item_id/notes(.:format)   notes#create", ["POST /items/:itemId/notes"], id="rails"),
        pytest.param("PUT|PATCH /items/{item}  items.update", ["PUT /items/:item", "PATCH /items/:item"], id="laravel"),
        pytest.param("  GET|HEAD   api/user .......... user.show \u203a UserController@show", ["GET /api/user"], id="laravel-route-list"),
        pytest.param("  POST  _ignition/run ignition.run \u203a Run", ["POST /_ignition/run"], id="laravel-narrow"),
        pytest.param("GET|HEAD  users/{user?} ......", ["GET /users/:user"], id="laravel-optional"),
        pytest.param("LOG [RouterExplorer] Mapped {/cats/:id, PUT} route +1ms", ["PUT /cats/:id"], id="nestjs"),
        pytest.param("[GIN-debug] GET  /ping  --> main.main.func1 (3 handlers)", ["GET /ping"], id="gin"),
        pytest.param("[GET]: '/articles/{id:[0-9]+}' has 2 middlewares", ["GET /articles/:id"], id="chi"),
        pytest.param("GET     /posts/:id{[0-9]+}", ["GET /posts/:id"], id="hono"),
        pytest.param("  user_path  DELETE  /users/:id  HelloWeb.UserController :delete", ["DELETE /users/:id"], id="phoenix"),
        pytest.param("HTTP: GET /weather/{id:int}", ["GET /weather/:id"], id="asp.net"),
        pytest.param("GET    /api/files/*rest", ["GET /api/files/:rest"], id="star"),
        pytest.param("POST /cron/nightly", ["POST /cron/nightly"], id="by-hand"),
        pytest.param("Endpoint  Methods  Rule", [], id="head-of-a-table"),
    ],
)  # fmt: skip
def test_line_of_a_list_is_a_route_for_each_method(line: str, routes: list[str]) -> None:
    found, notes = discovered_in_listing(line, file="list")
    assert ([route.name for route in found], notes) == (routes, ())


SPRING = """{"contexts": {"application": {"mappings": {"dispatcherServlets": {"dispatcherServlet": [
  {"handler": "a", "details": {"requestMappingConditions": {"methods": ["DELETE"], "patterns": ["/orders/{id}", "/o/{*rest}"]}}},
  {"handler": "b", "details": {"requestMappingConditions": {"methods": [], "patterns": ["/report"]}}},
  {"handler": "static", "predicate": "/**", "details": null}]}}}}}"""
EXPRESS = """[
  {
    path: '/restricted',
    methods: [ 'GET', 'POST' ],
    middlewares: [ 'restrict' ]
  },
  { path: '/api/orders/:id', methods: [ 'GET' ], middlewares: [ 'anonymous' ] }
]"""


FASTIFY = """\
└── / (GET, HEAD)
    ├── shelf (GET, HEAD)
    │   └── /books (GET)
    │       /books (POST, HEAD)
    │       • (onRequest) ["guard()"]
    ├── hel/l
    │   └── o (PUT) {"version":"1.2.0"}
    └── users/
        └── :id(^\\d+$) (DELETE)
            └── /* (GET)
"""
LITESTAR = """\
/books (HTTP)
├── add_book async POST
└── options_handler sync OPTIONS
/b/{n:int} (HTTP)
├── /books/{n:int} book async GET
└── /b/{n:int} book async GET
/feed (WS)
└── feed async
"""
FALCON = "Falcon App (WSGI)\n• Routes:\n    ⇒ /books - Books:\n       ├── GET - on_get\n       └── POST - on_post\n"
RAILS = """\
--[ Route 1 ]---------------
Prefix            | books
Verb              | POST
URI               | /books(.:format)
Controller#Action | books#create
Source Location   | /srv/app/config/routes.rb:3
--[ Route 2 ]---------------
Prefix            |
Verb              | DELETE
URI               | /books/:id(.:format)
"""
REACT_ROUTER = (
    '[{"id": "root", "path": "", "children": [{"path": "books", "children": [{"path": ":id"}, {"index": true}]}]}]'
)


@pytest.mark.parametrize(
    ("text", "routes"),
    [
        pytest.param(
            FASTIFY,
            ["GET /", "GET /shelf", "GET /shelf/books", "POST /shelf/books", "PUT /hel/lo", "DELETE /users/:id", "GET /users/:id/:rest"],
            id="fastify",
        ),
        pytest.param(LITESTAR, ["POST /books", "GET /books/:n", "GET /b/:n", "GET /feed"], id="litestar"),
        pytest.param(FALCON, ["GET /books", "POST /books"], id="falcon"),
        pytest.param(RAILS, ["POST /books", "DELETE /books/:id"], id="rails-expanded"),
        pytest.param(REACT_ROUTER, ["GET /", "GET /books", "GET /books/:id"], id="react-router"),
        pytest.param(SPRING, ["DELETE /orders/:id", "DELETE /o/:rest", "GET /report"], id="spring-actuator-mappings"),
        pytest.param(EXPRESS, ["GET /restricted", "POST /restricted", "GET /api/orders/:id"], id="express-list-endpoints"),
        pytest.param('[{"method": "GET|HEAD", "uri": "api/user"}, {"method": "POST", "uri": "/"}]', ["GET /api/user", "POST /"], id="laravel"),
        pytest.param('{"x": {"path": "/blog/{slug}", "method": "GET|POST"}}', ["GET /blog/:slug", "POST /blog/:slug"], id="symfony"),
        pytest.param('[{"routes": [{"pattern": "/me", "methods": ["PUT"]}]}]', ["PUT /me"], id="adonisjs"),
        pytest.param('[{"method": "GET", "path": "/users/:id", "name": "main.x"}]', ["GET /users/:id"], id="echo"),
        pytest.param("[{]", [], id="no-json"),
    ],
)  # fmt: skip
def test_json_and_what_stands_on_several_lines_is_read_as_a_whole(text: str, routes: list[str]) -> None:
    found, notes = discovered_in_listing(text, file="list")
    assert ([route.name for route in found], notes) == (routes, ())


def test_path_that_is_a_pattern_of_another_kind_is_named_and_not_guessed() -> None:
    found, notes = discovered_in_listing("GET /ok\nGET /year/(?P<y>[0-9]{4})/\n", file="list")
    assert [route.name for route in found] == ["GET /ok"]
    assert notes == ("list:2: '/year/(?P<y>[0-9]{4})/' is not a path that can be probed",)


def test_links_of_the_own_origin_are_taken_and_what_dresses_a_page_is_not() -> None:
    page = (
        '<a href="/a?x=1">a</a><a href="b/c">c</a><form action="https://shop.example/send"><img src="/i.png">'
        '<a href="https://other.example/d">d</a><a href="mailto:me@shop.example">m</a><a href="//evil.example/e">e</a>'
    )
    assert paths_in_page(page, origin=ORIGIN) == ["/a", "/b/c", "/send"]


def test_websockets_of_a_page_are_those_that_its_scripts_open_on_its_own_host() -> None:
    page = (
        "<script>new WebSocket('/live/prices'); const u = 'wss://shop.example/feed?x=1', o = \"wss://other.example/a\";"
        "new WebSocket(`/r/${id}`)</script><script src='/socket.io/socket.io.js'></script>"
    )
    assert websockets_in_page(page, origin=ORIGIN) == ["/live/prices", "/feed", "/socket.io/"]
    assert not websockets_in_page("<a href='/socket'>WebSocket</a>", origin=ORIGIN)


def test_links_that_a_minifier_wrote_without_quotes_are_found() -> None:
    page = (
        "<a href=/a>a</a><a class=x href=/b/c rel=me>b</a><script src=/x.js></script><img src=/i.png><a href=/d/>d</a>"
    )
    assert paths_in_page(page, origin=ORIGIN) == ["/a", "/b/c", "/d/"]


def test_script_names_the_paths_of_its_api_and_no_pages() -> None:
    script = """get("/api/carts");get(`/api/carts/${cart.id}/items`),q='/v1/search?q=';"/admin";"/apiary";'/api/a b'"""
    assert paths_in_script(script) == ["/api/carts", "/api/carts/:id/items", "/v1/search"]


def test_scripts_of_a_page_are_those_on_its_origin() -> None:
    page = (
        '<script src=/app.js></script><link rel=modulepreload href="/b.mjs?v=2"><script src="https://cdn.example/c.js">'
    )
    assert scripts_in_page(page, origin=ORIGIN) == ["/app.js", "/b.mjs"]


def test_robots_and_sitemap_name_paths() -> None:
    assert paths_in_robots("User-agent: *\nDisallow: /staff # not you\nAllow: /\nDisallow: /*.pdf\n") == ["/staff"]
    text = "<urlset><url><loc>https://shop.example/x</loc></url><url><loc>https://o.example/y</loc></url></urlset>"
    assert paths_in_sitemap(text, origin=ORIGIN) == ["/x"]


def test_the_notation_of_a_surface_is_kept() -> None:
    found, notes = discovered_in_listing(
        "GET /shifts/:id<int>/\nPOST /n/:name<slug>/x\nGET /f/:f<file>\n", file="routes"
    )
    assert [one.path for one in found] == ["/shifts/:id<int>/", "/n/:name<slug>/x", "/f/:f<file>"]
    assert notes == ()
