"""Paths that many applications have and that strangers look for first, each with where it is documented. Pure data.

A path that is never right has a form by which its content is known: a 200 alone may be the shell of a single-page app.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_WSTG = "OWASP WSTG v4.2"
_CONFIG = f"{_WSTG}, CONF-04: old backup and unreferenced files"
_ADMIN = f"{_WSTG}, CONF-05: admin interfaces"
_GIT = "git-scm.com, gitrepository-layout"
_JUPYTER = "jupyter-server.readthedocs.io, REST API"
_ACTUATOR = "Spring Boot reference, Actuator: Endpoints"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonPath:
    """A path, what is there, and where that is documented."""

    path: str
    what: str
    source: str
    never: re.Pattern[bytes] | None = None  # what the body holds where this is open: that is never right
    fix: str = ""  # where it is a service, which is not stopped because a stranger reads it


def _secret(path: str, what: str, source: str, form: bytes) -> CommonPath:
    return CommonPath(path=path, what=what, source=source, never=re.compile(form, re.IGNORECASE | re.MULTILINE))


def _service(path: str, what: str, source: str, form: bytes) -> CommonPath:
    """Describe what runs code, or shows all that runs, for whoever reaches it."""
    return replace(_secret(path, what, source, form), fix=_CLOSE)


_CLOSE = "Ask for a credential first, or let no stranger reach its port."
_SETTINGS = rb"\A(?![\s\S]{0,2000}<html)[\s\S]{0,4000}?^(?:export\s+)?[A-Z][A-Z0-9_]{2,}\s*=\s*\S"
_DUMP = rb"^(?:-- (?:MySQL|PostgreSQL|MariaDB) |CREATE TABLE|INSERT INTO)|\ASQLite format 3"
_FOLDER = rb'"type":\s*"directory"[\s\S]{0,4000}"writable"|"writable"[\s\S]{0,4000}"type":\s*"directory"'
_KEY = rb"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----"

NEVER_RIGHT = (
    *(
        _secret(path, "an environment file", f"{_CONFIG}; 12factor.net/config", _SETTINGS)
        for path in ("/.env", "/.env.local", "/.env.production", "/.env.development", "/.env.backup", "/api/.env")
    ),
    _secret("/.git/HEAD", "a git repository", _GIT, rb"\Aref: refs/|\A[0-9a-f]{40}\s*\Z"),
    _secret("/.git/config", "a git repository", _GIT, rb"^\[core\]"),
    _secret("/.svn/entries", "a Subversion folder", _CONFIG, rb"\A\d{1,3}\s*(?:\n|\Z)"),
    _secret("/.hg/requires", "a Mercurial folder", _CONFIG, rb"^(?:revlogv1|store|dotencode)$"),
    *(
        _secret(path, "a private key", _CONFIG, _KEY)
        for path in ("/id_rsa", "/.ssh/id_rsa", "/.ssh/id_ed25519", "/server.key", "/privkey.pem", "/private.key")
    ),
    _secret("/.aws/credentials", "credentials of AWS", _CONFIG, rb"aws_secret_access_key"),
    _secret("/.npmrc", "a token of npm", "docs.npmjs.com, npmrc", rb"_authToken\s*="),
    _secret("/.htpasswd", "password hashes", "httpd.apache.org, htpasswd", rb"^[^\s:<]{1,80}:(?:\$|\{SHA\})"),
    *(
        _secret(path, "a database dump", _CONFIG, _DUMP)
        for path in ("/backup.sql", "/dump.sql", "/database.sql", "/db.sqlite3", "/database.sqlite")
    ),
    # To ask for the dump itself would stop the process for a while: its index says whether it is there.
    _secret("/actuator", "heap dumps, by /actuator/heapdump", _ACTUATOR, rb'"heapdump"\s*:\s*\{'),
    _secret("/debug/pprof/", "Go's profiler", "pkg.go.dev/net/http/pprof", rb"Types of profiles available"),
    _secret("/console", "a debug console", "werkzeug.palletsprojects.com, debug", rb"__debugger__|Interactive Console"),
    _secret("/phpinfo.php", "PHP's configuration", "php.net, phpinfo", rb"<title>[^<]{0,60}phpinfo\(\)"),
    _secret("/_profiler/phpinfo", "Symfony's profiler", "symfony.com/doc, profiler", rb"<title>[^<]{0,60}phpinfo\(\)"),
    _secret("/telescope/requests", "Laravel Telescope", "laravel.com/docs, telescope", rb"<title>[^<]{0,60}Telescope"),
    *(
        _service(path, what, source, form)
        for path, what, source, form in (
            ("/api/contents", "the files of a Jupyter server, which also runs code", _JUPYTER, _FOLDER),
            ("/settings", "Node-RED's editor, which also runs code", "nodered.org/docs, securing", rb'"httpNodeRoot":'),
            ("/script", "Jenkins' script console", "jenkins.io/doc/book", rb"Script Console[^<]{0,40}</"),
            ("/containers/json", "the API of Docker", "docs.docker.com, Engine API", rb'\A\[[\s\S]{0,4000}"ImageID":'),
            ("/pods", "the API of a kubelet", "kubernetes.io/docs, kubelet authn", rb'"kind":\s*"PodList"'),
        )
    ),
    _secret("/rails/info/properties", "Rails' debug page", "guides.rubyonrails.org", rb"Rails version"),
)  # fmt: skip


def _maybe(what: str, source: str, *paths: str) -> tuple[CommonPath, ...]:
    return tuple(CommonPath(path=path, what=what, source=source) for path in paths)


QUESTIONS = (
    *_maybe("an admin area", _ADMIN, "/admin", "/admin/", "/administrator", "/wp-admin/", "/dashboard", "/api/admin",
            "/api/admin/users", "/api/users", "/users"),
    *_maybe("metrics", "prometheus.io/docs, exposition formats", "/metrics", "/api/metrics"),
    *_maybe("endpoints of an operator", _ACTUATOR, "/actuator/env", "/actuator/configprops",
            "/actuator/mappings", "/actuator/metrics"),
    *_maybe("variables of the process", "pkg.go.dev/expvar", "/debug/vars"),
    *_maybe("a debug page", _ADMIN, "/debug", "/__debug__/"),
    *_maybe("the state of the server", "httpd.apache.org, mod_status", "/server-status", "/nginx_status"),
    *_maybe("a description of the API", "spec.openapis.org/oas", "/openapi.json", "/docs", "/redoc", "/swagger.json",
            "/swagger-ui/", "/swagger-ui.html", "/api-docs", "/v3/api-docs"),
    *_maybe("a GraphQL endpoint or its editor", "graphql.org/learn, serving over HTTP", "/graphql", "/graphiql"),
    *_maybe("monitoring of jobs", _ADMIN, "/flower", "/sidekiq", "/horizon"),
    *_maybe("an administrator's page of a database", _ADMIN, "/phpmyadmin/", "/adminer.php", "/h2-console",
            "/pgadmin4/"),
    *_maybe("indices of Elasticsearch", "elastic.co/docs, cat API", "/_cat/indices"),
    *_maybe("Prometheus", "prometheus.io/docs, HTTP API", "/api/v1/status/config"),
    *_maybe("the routes of Traefik", "doc.traefik.io, API", "/api/rawdata"),
    *_maybe("Consul's agent", "developer.hashicorp.com/consul, agent API", "/v1/agent/self"),
    *_maybe("RabbitMQ's management", "rabbitmq.com/docs/management", "/api/overview"),
    *_maybe("Spark", "spark.apache.org/docs, monitoring", "/api/v1/applications"),
    *_maybe("Airflow", "airflow.apache.org/docs, REST API", "/api/v1/dags", "/api/v2/dags"),
    *_maybe("Tomcat's manager", "tomcat.apache.org, manager-howto", "/manager/html"),
    *_maybe("the whole database of json-server", "github.com/typicode/json-server", "/db"),
    *_maybe("tables of a database", "docs.postgrest.org", "/rest/v1/"),
    *_maybe("databases of CouchDB", "docs.couchdb.org, API reference", "/_all_dbs"),
    *_maybe("databases of Datasette", "docs.datasette.io, introspection", "/-/databases.json"),
    *_maybe("models of MLflow", "mlflow.org/docs, REST API", "/api/2.0/mlflow/registered-models/search"),
    *_maybe("what Locust runs", "docs.locust.io, web UI", "/stats/requests"),
    *_maybe("what TensorBoard shows", "github.com/tensorflow/tensorboard, http_api.md", "/data/environment"),
    *_maybe("packages of Verdaccio", "verdaccio.org/docs, API", "/-/verdaccio/data/packages"),
    *_maybe("configuration", _CONFIG, "/config.json", "/.vscode/settings.json", "/docker-compose.yml"),
)  # fmt: skip

# Where an application describes itself: its routes, or where its MCP endpoint is.
DESCRIPTIONS = ("/openapi.json", "/api/openapi.json", "/swagger.json", "/v3/api-docs", "/openapi.yaml")
ROBOTS, SITEMAP, RESOURCE_METADATA = "/robots.txt", "/sitemap.xml", "/.well-known/oauth-protected-resource"
MCP_ENDPOINTS = ("/mcp", "/api/mcp")  # modelcontextprotocol.io, and Vercel's mcp-handler
HEALTH = ("/healthz", "/health", "/livez", "/readyz", "/api/healthz", "/api/health", "/up", "/ping", "/status")
