"""The environment audit of compose files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.env_audit import OAUTH, SESSION, URL, bcrypt, broken, compose, git, made, write

if TYPE_CHECKING:
    from pathlib import Path


WEB = "services:\n  web:\n    environment:\n"


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        pytest.param(WEB + "      NODE_ENV: production\n", [], id="right"),
        pytest.param(WEB + "      ALLOW_DEV_AUTH: 'true'\n      NODE_ENV: production\n", ["ENV003"], id="shim"),
        pytest.param(WEB + "      - ALLOW_DEV_AUTH=true\n      - NODE_ENV=production\n", ["ENV003"], id="shim-in-a-list"),
        pytest.param(WEB + "      AUTH_SECRET: ${AUTH_SECRET:-changeme}\n", ["ENV028"], id="default"),
        pytest.param(WEB + "      ALLOW_DEV_AUTH: ${DEV:-true}\n", ["ENV028"], id="shim-by-default"),
        pytest.param(WEB + "      AUTH_SECRET: ${AUTH_SECRET}\n", ["ENV090"], id="elsewhere"),
        pytest.param(WEB + "      AUTH_SECRET: ${AUTH_SECRET:?}\n", ["ENV090"], id="elsewhere-or-refused"),
        pytest.param(WEB + "      - AUTH_SECRET\n", ["ENV090"], id="elsewhere-in-a-list"),
        pytest.param(WEB + "      AUTH_SECRET:\n", ["ENV090"], id="elsewhere-without-a-value"),
        pytest.param("services:\n  web:\n    env_file: .env.web\n    environment: {NODE_ENV: production}\n", ["ENV091"], id="env-file-is-not-here"),
        pytest.param("services:\n  web:\n    env_file: [{path: no, required: false}]\n    environment: {NODE_ENV: production}\n", [], id="env-file-need-not-be-here"),
        pytest.param("include: [other.yml]\n" + WEB + "      NODE_ENV: production\n", ["ENV091"], id="include"),
        pytest.param("services:\n  web:\n    extends: {service: base}\n    environment: {NODE_ENV: production}\n", ["ENV091"], id="extends"),
        pytest.param("services:\n  web:\n    environment: !reset {NODE_ENV: production}\n", ["ENV092"], id="reset"),
        pytest.param("services:\n  db:\n    environment: {POSTGRES_DB: brain}\n", ["ENV092"], id="nothing-known"),
        pytest.param("services:\n  db:\n    environment: {POSTGRES_DB: brain}\n  web:\n    environment: {NODE_ENV: production}\n", [], id="database-is-passed-by"),
        pytest.param("x-all: &all\n  NODE_ENV: production\nservices:\n  web:\n    environment:\n      <<: *all\n      ALLOW_DEV_AUTH: 'true'\n", ["ENV003"], id="merge-key"),
        pytest.param("services:\n  web:\n    deploy: {replicas: 3}\n    environment: {NODE_ENV: production}\n", ["ENV053"], id="replicas"),
        pytest.param("services:\n  web:\n    scale: 2\n    environment: {NODE_ENV: production, REDIS_URL: 'redis://r:6379'}\n", [], id="replicas-with-redis"),
    ],
)  # fmt: skip
def test_service_of_a_compose_file_is_an_environment(text: str, rules: list[str], tmp_path: Path) -> None:
    assert broken(compose(tmp_path, text)) == rules


def test_env_beside_the_compose_file_fills_it_in(tmp_path: Path) -> None:
    write(tmp_path, SESSION)
    assert broken(compose(tmp_path, WEB + "      AUTH_SECRET: ${AUTH_SECRET:?}\n      NODE_ENV: test\n")) == []


def test_env_file_of_a_service_is_read_as_compose_does(tmp_path: Path) -> None:
    single = f"ADMIN_USERNAME=keeper\nADMIN_PASSWORD_HASH='{bcrypt()}'\n"
    write(tmp_path, single + SESSION + URL, "web.env")
    path = compose(tmp_path, "services:\n  web:\n    env_file: web.env\n")
    assert broken(path) == []
    (tmp_path / "web.env").chmod(0o644)
    assert broken(path) == ["ENV070"]


def test_environment_wins_over_env_file(tmp_path: Path) -> None:
    write(tmp_path, OAUTH, "web.env")
    path = compose(
        tmp_path, "services:\n  web:\n    env_file: [web.env]\n    environment: {AUTH_URL: 'http://192.0.2.1'}\n"
    )
    assert broken(path) == ["ENV033"]


def test_override_file_wins_and_is_production_by_its_name(tmp_path: Path) -> None:
    base = compose(tmp_path, WEB + "      ALLOW_DEV_AUTH: 'true'\n")
    prod = compose(tmp_path, WEB + "      ALLOW_DEV_AUTH: 'false'\n", "docker-compose.prod.yml")
    assert broken(base) == []
    assert broken(base, prod) == []
    assert broken(prod, base) == ["ENV003"]


@pytest.mark.integration
def test_secret_in_a_compose_file_that_git_has_is_a_leak(tmp_path: Path) -> None:
    path = compose(tmp_path, WEB + f"      AUTH_SECRET: {made('session')}\n")
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    assert broken(path) == ["ENV074"]
    path.write_text(WEB + "      AUTH_SECRET: ${AUTH_SECRET:?}\n      NODE_ENV: production\n")
    assert broken(path) == ["ENV090"]


def test_services_of_one_file_may_share_a_secret(tmp_path: Path) -> None:
    write(tmp_path, OAUTH, "web.env")
    service = "{env_file: web.env}"
    assert broken(compose(tmp_path, f"services: {{web: {service}, worker: {service}}}\n")) == []
