from typing import Any

from django.db import migrations


def make_unique_indexes_last(apps: Any, schema_editor: Any) -> None:
    """Let SQLite find two conditions along the indexes of both (`inventory/pages/list_query.py`).

    Of indexes that it takes to be equally good it chooses by the order in which they were made, and Django makes those
    of constraints first.
    """
    if schema_editor.connection.vendor != "sqlite":
        return
    for model in apps.get_app_config("inventory").get_models():
        for constraint in model._meta.constraints:
            if constraint.name.endswith("_one_open"):
                schema_editor.remove_constraint(model, constraint)
                schema_editor.add_constraint(model, constraint)


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial")]
    operations = [migrations.RunPython(make_unique_indexes_last, migrations.RunPython.noop)]
