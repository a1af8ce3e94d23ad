"""Reading settings from the environment: typed, and refused with a message that says what to write instead."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Collection, MutableMapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

YES = {"1", "true", "yes", "on"}
NO = {"0", "false", "no", "off"}
DATABASES = {"sqlite": "sqlite3", "postgres": "postgresql", "postgresql": "postgresql"}
BROKERS = {"redis", "rediss", "unix"}
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class Environment:
    """Environment variables, read by name; an empty one counts as absent.

    Every method raises ImproperlyConfigured for a value it cannot use.
    """

    def __init__(self, variables: MutableMapping[str, str]) -> None:
        self._variables = variables
        self.names: set[str] = set()

    def text(self, name: str, default: str = "") -> str:
        """The value as it stands."""
        self.names.add(name)
        return self._variables.get(name, "").strip() or default

    def words(self, name: str, default: list[str]) -> list[str]:
        """A list of words, separated by commas."""
        return [word.strip() for word in self.text(name).split(",") if word.strip()] or default

    def one_of(self, name: str, default: str, choices: Collection[str]) -> str:
        """One of the given words, in any case."""
        value = self.text(name, default)
        for choice in choices:
            if value.lower() == choice.lower():
                return choice
        raise _refused(name, value, f"one of {', '.join(choices)}")

    def flag(self, name: str, *, default: bool) -> bool:
        """Yes or no."""
        value = self.text(name, "yes" if default else "no").lower()
        if value not in YES | NO:
            raise _refused(name, value, "true or false")
        return value in YES

    def whole(self, name: str, default: int, *, least: int, most: int) -> int:
        """A whole number between two limits, both included."""
        value = self.text(name, str(default))
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise _refused(name, value, f"a whole number from {least} to {most}")
        return int(value)

    def web_address(self, name: str, default: str) -> str:
        """The scheme, host and port of a web address, without a path."""
        value = self.text(name, default).rstrip("/")
        try:
            parts = urlsplit(value)
            usable = (
                parts.scheme in {"http", "https"} and parts.hostname and value == f"{parts.scheme}://{parts.netloc}"
            )
            usable = usable and "@" not in parts.netloc and parts.port != 0
        except ValueError:
            usable = False
        if not usable:
            raise _refused(name, value, f"an address such as {default} or https://ledger.example.com, without a path")
        return value

    def issuer(self, name: str) -> str:
        """The address of an OpenID Connect issuer, to the letter, or nothing.

        It must be https, since ID tokens are believed because of it (OpenID Connect Core 1.0, section 3.1.3.7); on the
        loopback interface http will do.
        """
        value = self.text(name)
        try:
            parts = urlsplit(value)
            is_private = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
            is_plain = not (parts.username or parts.password or parts.query or parts.fragment)
            usable = is_private and is_plain and parts.hostname and parts.port != 0
        except ValueError:
            usable = False
        if value and not usable:
            raise _refused(name, value, "an address such as https://id.example.com/realms/main, without a query")
        return value

    def pairs(self, name: str) -> list[tuple[str, str]]:
        """Pairs written THEIRS=OURS, separated by commas."""
        found = []
        for word in self.words(name, []):
            theirs, _, ours = (part.strip() for part in word.rpartition("="))
            if not theirs or not ours:
                raise _refused(name, word, "pairs such as cloud-team=Operators,finance=Readers")
            found.append((theirs, ours))
        return found

    def all_or_none(self, *names: str) -> None:
        """Refuse settings of which some are given and others are not."""
        missing = [name for name in names if not self.text(name)]
        if missing and len(missing) < len(names):
            given = next(name for name in names if name not in missing)
            raise ImproperlyConfigured(f"{given} is set and needs {' and '.join(missing)}, too.")

    def database(self, name: str, default: Path) -> dict[str, object]:
        """Django's settings for a database address."""
        value = self.text(name, f"sqlite:///{default}")
        scheme = value.partition("://")[0]
        if scheme not in DATABASES or "://" not in value:
            meant = "postgres://USER:PASSWORD@HOST:5432/NAME or sqlite:////PATH/ledger.sqlite3"
            raise _refused(name, _without_password(value), meant)
        try:
            found: dict[str, object] = dict(environ.Env.db_url_config(value))
        except ValueError as error:
            raise _refused(name, _without_password(value), f"an address that can be read ({error})") from error
        return {**found, "ENGINE": f"django.db.backends.{DATABASES[scheme]}"}

    def broker(self, name: str, default: str) -> str:
        """The address of a Redis or Valkey server, as Celery wants it."""
        value = self.text(name)
        if not value:
            return default
        scheme, _, rest = value.partition("://")
        if scheme not in BROKERS or not rest:
            raise _refused(name, _without_password(value), "redis://HOST:6379/0, rediss://HOST:6379/0 or unix:///PATH")
        return f"redis+socket://{rest}" if scheme == "unix" else value


def read_defaults(file: Path) -> None:
    """Take the KEY=VALUE lines of a file for environment variables that are not set; boto3 sees them, too."""
    if not file.exists():
        return
    for number, line in enumerate(file.read_text().splitlines(), start=1):
        name, separator, value = line.partition("=")
        if not line.strip() or line.startswith("#"):
            continue
        if not separator or not name.strip().isidentifier():
            raise ImproperlyConfigured(f"{file}, line {number}: write NAME=VALUE, or remove the line.")
        os.environ.setdefault(name.strip(), value.strip())


def kept_secret(file: Path) -> str:
    """The secret in a file that only this user can read; made up at the first call.

    Processes that start together get the same one: the file appears complete, under its name, exactly once.
    """
    if not file.exists():
        descriptor, written = tempfile.mkstemp(dir=file.parent)  # readable by its owner only
        with os.fdopen(descriptor, "w") as fresh:
            fresh.write(secrets.token_urlsafe(64))
        with suppress(FileExistsError):  # another process may be first; its secret is the one
            os.link(written, file)
        Path(written).unlink()
    return file.read_text().strip()


def _refused(name: str, value: str, meant: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"The setting {name} is {value!r}; write {meant}.")


def _without_password(address: str) -> str:
    """A database or broker address that may be shown."""
    scheme, separator, rest = address.partition("://")
    return f"{scheme}{separator}...{rest[rest.rindex('@') :]}" if "@" in rest else address
