"""Settings that cannot be used are refused with the setting's name and what to write."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import Environment, kept_secret, read_defaults

Read = Callable[[Environment], object]


@pytest.mark.parametrize(
    ("value", "read", "meant"),
    [
        ("maybe", lambda given: given.flag("X", default=False), "true or false"),
        ("ten", lambda given: given.whole("X", 1, least=1, most=9), "from 1 to 9"),
        ("10", lambda given: given.whole("X", 1, least=1, most=9), "from 1 to 9"),
        ("-1", lambda given: given.whole("X", 1, least=0, most=9), "from 0 to 9"),
        ("²", lambda given: given.whole("X", 1, least=0, most=9), "from 0 to 9"),
        ("LOUD", lambda given: given.one_of("X", "INFO", ("INFO", "ERROR")), "INFO, ERROR"),
        ("ledger.example.com", lambda given: given.web_address("X", "http://a"), "https://ledger.example.com"),
        ("ftp://ledger", lambda given: given.web_address("X", "http://a"), "without a path"),
        ("https://ledger/deep", lambda given: given.web_address("X", "http://a"), "without a path"),
        ("https://ledger:99999", lambda given: given.web_address("X", "http://a"), "without a path"),
        ("https://user@ledger", lambda given: given.web_address("X", "http://a"), "without a path"),
        ("http://id.example.com", lambda given: given.issuer("X"), "https://id.example.com"),
        ("https://id.example.com/?x=1", lambda given: given.issuer("X"), "without a query"),
        ("cloud-team", lambda given: given.pairs("X"), "cloud-team=Operators"),
        ("mysql://db/x", lambda given: given.database("X", Path("/x")), "postgres://"),
        ("ledger.sqlite3", lambda given: given.database("X", Path("/x")), "sqlite:////PATH"),
        ("postgres://host:port/x", lambda given: given.database("X", Path("/x")), "can be read"),
        ("localhost:6379", lambda given: given.broker("X", "none"), "redis://"),
        ("amqp://rabbit", lambda given: given.broker("X", "none"), "redis://"),
    ],
)
def test_a_wrong_value_is_refused_with_what_to_write(value: str, read: Read, meant: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        read(Environment({"X": value}))

    message = str(refused.value)
    assert message.startswith(f"The setting X is {value!r}; write ")
    assert meant in message


@pytest.mark.parametrize(
    "read", [lambda given: given.database("X", Path("/x")), lambda given: given.broker("X", "none")]
)
def test_a_refusal_does_not_repeat_a_password(read: Read) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        read(Environment({"X": "mysql://ledger:open-sesame@db/x"}))

    assert "open-sesame" not in str(refused.value)
    assert "@db/x" in str(refused.value)


@pytest.mark.parametrize(
    ("value", "read", "expected"),
    [
        ("", lambda given: given.flag("X", default=True), True),
        ("Yes", lambda given: given.flag("X", default=False), True),
        ("0", lambda given: given.flag("X", default=True), False),
        (" 7 ", lambda given: given.whole("X", 1, least=1, most=9), 7),
        ("a, b,,", lambda given: given.words("X", ["c"]), ["a", "b"]),
        ("", lambda given: given.words("X", ["c"]), ["c"]),
        ("Json", lambda given: given.one_of("X", "console", ("console", "json")), "json"),
        ("https://ledger.example.com/", lambda given: given.web_address("X", "http://a"), "https://ledger.example.com"),
        ("http://[::1]:8000", lambda given: given.web_address("X", "http://a"), "http://[::1]:8000"),
        ("https://id.example.com/main/", lambda given: given.issuer("X"), "https://id.example.com/main/"),
        ("http://localhost:9400", lambda given: given.issuer("X"), "http://localhost:9400"),
        ("", lambda given: given.issuer("X"), ""),
        ("CN=a=Ops, b=Readers", lambda given: given.pairs("X"), [("CN=a", "Ops"), ("b", "Readers")]),
        ("unix:///run/redis.sock", lambda given: given.broker("X", "none"), "redis+socket:///run/redis.sock"),
        ("rediss://h:6379/1", lambda given: given.broker("X", "none"), "rediss://h:6379/1"),
        ("", lambda given: given.broker("X", "ours"), "ours"),
    ],
)
def test_a_usable_value_is_read_by_its_type(value: str, read: Read, expected: object) -> None:
    assert read(Environment({"X": value})) == expected


def test_settings_that_belong_together_are_given_together() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^X is set and needs Y and Z, too"):
        Environment({"X": "a"}).all_or_none("X", "Y", "Z")

    Environment({}).all_or_none("X", "Y")
    Environment({"X": "a", "Y": "b"}).all_or_none("X", "Y")


def test_a_postgresql_address_is_read_into_its_parts() -> None:
    given = Environment({"X": "postgres://ledger:p%40ss@db.example.com:6432/main?sslmode=require"})

    found = given.database("X", Path("/x"))

    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert (found["USER"], found["PASSWORD"], found["NAME"]) == ("ledger", "p@ss", "main")
    assert (found["HOST"], found["PORT"]) == ("db.example.com", 6432)
    assert found["OPTIONS"] == {"sslmode": "require"}


def test_a_file_of_defaults_gives_way_to_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SET_BEFORE", "mine")
    monkeypatch.delenv("NOT_SET", raising=False)
    file = tmp_path / "environment"
    file.write_text("# a comment\n\nSET_BEFORE=default\nNOT_SET=http://127.0.0.1:5000/?a=b\n")

    read_defaults(file)

    assert os.environ["SET_BEFORE"] == "mine"
    assert os.environ.pop("NOT_SET") == "http://127.0.0.1:5000/?a=b"


def test_a_line_of_the_defaults_that_is_no_setting_is_named(tmp_path: Path) -> None:
    file = tmp_path / "environment"
    file.write_text("# a comment\nexport X\n")

    with pytest.raises(ImproperlyConfigured, match="line 2: write NAME=VALUE"):
        read_defaults(file)


def test_processes_that_start_together_keep_one_secret_that_only_the_owner_reads(tmp_path: Path) -> None:
    file = tmp_path / "secret_key"

    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: kept_secret(file), range(32)))

    assert len(secrets) == 1
    assert len(secrets.pop()) > 50
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]
