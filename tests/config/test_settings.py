"""Settings as a process meets them: read anew in a process of its own, from variables that the test gives."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.environment import ROOT

SHOW = """
import json, sys
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))
"""


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """An environment with nothing set but the state folder."""
    return {"PATH": os.environ["PATH"], "SKYLEDGER_STATE": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}


def read(variables: dict[str, str], *names: str) -> dict[str, Any]:
    """These settings, as a new process reads them."""
    done = subprocess.run(
        [sys.executable, "-c", SHOW, *names], cwd=ROOT, env=variables, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_with_nothing_set_everything_is_in_the_state_folder_and_on_loopback(variables, tmp_path) -> None:
    found = read(variables, "DEBUG", "PUBLIC_URL", "ALLOWED_HOSTS", "DATABASES", "BIND_ADDRESS", "EMBEDDED_BROKER")

    assert found["DEBUG"] is False
    assert found["PUBLIC_URL"] == "http://127.0.0.1:8000"
    assert found["BIND_ADDRESS"] == "127.0.0.1"
    assert "127.0.0.1" in found["ALLOWED_HOSTS"]
    assert "*" not in found["ALLOWED_HOSTS"]
    assert found["DATABASES"]["default"]["NAME"] == str(tmp_path / "ledger.sqlite3")
    assert found["EMBEDDED_BROKER"] is True


def test_the_secret_key_is_made_up_once_and_kept_for_its_owner_only(variables, tmp_path) -> None:
    first = read(variables, "SECRET_KEY")
    second = read(variables, "SECRET_KEY")

    assert first == second
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_given_secret_key_is_used_and_not_stored(variables, tmp_path) -> None:
    found = read({**variables, "SECRET_KEY": "given"}, "SECRET_KEY")

    assert found["SECRET_KEY"] == "given"
    assert not (tmp_path / "secret_key").exists()


SECURE = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT")


def test_cookies_and_redirects_follow_an_https_address(variables) -> None:
    found = read(
        {**variables, "PUBLIC_URL": "https://ledger.example.com"}, *SECURE, "SECURE_HSTS_SECONDS", "ALLOWED_HOSTS"
    )

    assert all(found[name] for name in SECURE)
    assert found["SECURE_HSTS_SECONDS"] >= 365 * 24 * 3600
    assert "ledger.example.com" in found["ALLOWED_HOSTS"]


def test_over_http_on_loopback_cookies_come_back(variables) -> None:
    found = read(variables, *SECURE, "SECURE_HSTS_SECONDS")

    assert not any(found.values())


def test_servers_that_are_named_are_used(variables) -> None:
    named = {"DATABASE_URL": "postgres://u:p@db/ledger", "REDIS_URL": "redis://cache:6379/2"}

    found = read({**variables, **named}, "DATABASES", "CELERY_BROKER_URL", "EMBEDDED_BROKER")

    assert found["DATABASES"]["default"]["ENGINE"] == "django.db.backends.postgresql"
    assert found["DATABASES"]["default"]["HOST"] == "db"
    assert found["CELERY_BROKER_URL"] == "redis://cache:6379/2"
    assert found["EMBEDDED_BROKER"] is False


def test_the_state_folder_gives_defaults_for_what_is_not_set(variables, tmp_path) -> None:
    (tmp_path / "environment").write_text("PORT=8123\nTICK=5\n")

    found = read({**variables, "TICK": "7"}, "PORT", "PUBLIC_URL", "TICK")

    assert found == {"PORT": 8123, "PUBLIC_URL": "http://127.0.0.1:8123", "TICK": 7}


def test_a_task_always_ends_before_the_broker_hands_it_to_another_worker(variables) -> None:
    longest = {**variables, "VISIT_TIME_LIMIT": "800"}

    found = read(longest, "CELERY_TASK_TIME_LIMIT", "CELERY_BROKER_TRANSPORT_OPTIONS")

    assert found["CELERY_TASK_TIME_LIMIT"] < found["CELERY_BROKER_TRANSPORT_OPTIONS"]["visibility_timeout"]


@pytest.mark.parametrize("command", ["migrate", "take_snapshot"])
def test_a_wrong_setting_stops_the_command_line_with_one_sentence(variables, command) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=ROOT,
        env={**variables, "PORT": "high"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr == "The setting PORT is 'high'; write a whole number from 1 to 65535.\n"
