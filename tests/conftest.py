"""What every test stands on: settings of its own, a database of the chosen kind, and the fixtures of tests/support.

Tests never see the developer's state folder, database, broker or AWS credentials: before Django's settings are read,
every variable that the product or boto3 knows is taken out of the environment.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import django
import hypothesis
import pytest
from django.conf import settings as django_settings
from pytest_django import Settings

from tests.support import postgresql, template
from tests.support.environment import forget_variables

FIXTURES = ("tests.support.accounts", "tests.support.browser", "tests.support.servers")
SHARED = ("emulator", "browser")
ANY_REQUEST = Path(__file__).parent / "api" / "test_any_request.py"
# How long an example takes says more about the machine than about the product.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")
pytest.register_assert_rewrite(*FIXTURES, "tests.support.product")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the database be chosen."""
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite", help="which database to test on")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Prepare the environment, let Django read it, then load the fixtures, which may import models."""
    config.addinivalue_line("markers", "browser: needs Chromium")
    config.addinivalue_line("markers", "journey: a way through the product, walked in Chromium on every database")
    config.addinivalue_line("markers", "long: takes half a minute or more, and begins first")
    config.addinivalue_line("markers", "any_database: needs a database, whichever it is, and is tested on SQLite only")
    if django_settings.configured:
        pytest.exit(
            "Unset DJANGO_SETTINGS_MODULE: settings were read before tests could keep them apart.", returncode=4
        )
    server = os.environ.get(template.SERVER, "")
    forget_variables()
    if config.getoption("--database") == "postgresql":
        # With several test processes, the first one starts the server, and hands its address on in the environment.
        server = server or postgresql.start(config.add_cleanup)
        os.environ |= {template.SERVER: server, "DATABASE_URL": server}
    else:
        os.environ.pop(template.SERVER, None)
    template.prepare(config.add_cleanup)
    if _only_hands_out_tests(config):
        return
    # Short, because sockets live below it.
    state = Path(tempfile.mkdtemp(prefix="skyledger-"))
    config.add_cleanup(lambda: shutil.rmtree(state, ignore_errors=True))
    os.environ |= {"SKYLEDGER_STATE": str(state / "state"), "DJANGO_SETTINGS_MODULE": "config.settings"}
    django.setup()
    for module in FIXTURES:
        config.pluginmanager.import_plugin(module)


def _only_hands_out_tests(config: pytest.Config) -> bool:
    """Whether this is the process of `pytest -n 2` that runs no test itself."""
    return bool(config.getoption("numprocesses", None)) and not hasattr(config, "workerinput")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not make up requests of the API, which takes each process ten seconds, where SQLite alone is asked them."""
    return True if config.getoption("--database") == "postgresql" and collection_path == ANY_REQUEST else None


def pytest_report_header(config: pytest.Config) -> str:
    """Say which database is tested."""
    return f"database: {config.getoption('--database')}"


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Mark tests that use a browser, so that they can be left out; what needs no database is tested on SQLite only."""
    for item in items:
        if _uses(item, "browser"):
            item.add_marker(pytest.mark.browser)
    if config.getoption("--database") == "postgresql":
        config.hook.pytest_deselected(items=[item for item in items if not _needs_a_database(item)])
        items[:] = [item for item in items if _needs_a_database(item)]
    yield
    items[:] = _shared_out(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def _shared_out(items: list[pytest.Item], processes: int) -> list[pytest.Item]:
    """The tests in as many equal parts as there are processes, each with what takes long in front.

    A process begins with one such part, and one that has nothing left takes over tests from the end of another's: long
    ones there would leave the others idle. What shares a server or a browser that takes seconds to start is in one
    part, so that the others need none of their own.
    """
    fronts: list[list[pytest.Item]] = [[] for _ in range(processes)]
    long = [item for item in items if _takes_long(item)]
    for fixture, front in zip(SHARED, cycle(fronts), strict=False):
        front += [item for item in [*long, *items] if _uses(item, fixture)]
    for item, front in zip([item for item in long if not _uses(item, *SHARED)], cycle(reversed(fronts)), strict=False):
        front.insert(0, item)
    first = dict.fromkeys(item for front in fronts for item in front)
    quick = iter([item for item in items if item not in first])
    ordered: dict[pytest.Item, None] = {}
    for part, front in enumerate(fronts, 1):
        ordered |= dict.fromkeys(front)
        ordered |= dict.fromkeys(islice(quick, max(0, len(items) * part // processes - len(ordered))))
    return [*ordered, *quick]


def _takes_long(item: pytest.Item) -> bool:
    return item.get_closest_marker("long") is not None or _uses(item, "make_product")


def _needs_a_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("any_database") is not None:
        return False
    # A journey is walked on both databases at the width of a desk; at that of a phone it asks them the same.
    if item.get_closest_marker("journey") is not None and "phone" in item.name:
        return False
    return item.get_closest_marker("django_db") is not None or _uses(
        item, "db", "transactional_db", "live_server", "make_product"
    )


def _uses(item: pytest.Item, *fixtures: str) -> bool:
    return not set(fixtures).isdisjoint(getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Take the database that is there."""
    return True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """Test on a copy of the run's template; on an SQLite file, as in production: memory has no locks and no journal."""
    default = django_settings.DATABASES["default"]
    if default["ENGINE"] == "django.db.backends.sqlite3":
        default["TEST"]["NAME"] = str(django_settings.STATE_DIR / "test.sqlite3")
        django_settings.STATE_DIR.mkdir(parents=True, exist_ok=True)
    else:
        default["TEST"]["NAME"] = default["TEST"].get("NAME") or f"test_{default['NAME']}"
    with template.copied_to(default["TEST"]["NAME"]):
        yield


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    """Do not spend half a second on each password."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
