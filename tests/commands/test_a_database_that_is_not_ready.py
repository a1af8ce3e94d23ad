"""Commands on a database that was never migrated, or that does not answer."""

from __future__ import annotations

import pytest

from tests.support.product import Product, free_port


@pytest.mark.parametrize("command", ["load_prices", "take_snapshot", "waste", "verify_history", "invite_user rita"])
def test_before_the_first_migration_a_command_says_to_migrate(tmp_path, command):
    with Product(tmp_path, {}) as product:
        refused = product.manage(*command.split(), exit_code=1)

    assert refused.stderr.strip().endswith(
        "CommandError: The database is not ready: its tables are missing or old. Run: python manage.py migrate"
    )
    assert "Traceback" not in refused.stderr


def test_a_database_server_that_is_not_there_is_told_in_one_line(tmp_path):
    with Product(
        tmp_path, {"DATABASE_URL": f"postgres://ledger:secret-word@127.0.0.1:{free_port()}/ledger"}
    ) as product:
        refused = product.manage("waste", exit_code=1)

    assert "CommandError: The database is not ready: it does not answer" in refused.stderr
    assert "DATABASE_URL" in refused.stderr
    assert not [word for word in ("Traceback", "secret-word") if word in refused.stderr]
