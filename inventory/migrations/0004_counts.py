"""Each scope keeps how many of its resources are open."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

MODELS = {
    "ec2-instance": "Ec2Instance",
    "security-group": "SecurityGroup",
    "security-group-rule": "SecurityGroupRule",
    "ebs-volume": "EbsVolume",
    "s3-bucket": "S3Bucket",
}


def count_what_is_there(apps: Any, schema_editor: Any) -> None:
    """Count the resources that earlier visits recorded."""
    for scope in apps.get_model("inventory", "Freshness").objects.filter(type__in=MODELS):
        rows = apps.get_model("inventory", MODELS[scope.type])._default_manager.filter(
            account=scope.account_id,
            resource__scope_region=scope.scope_region,
            valid_from__isnull=False,
            valid_to__isnull=True,
        )
        regions = rows.order_by().values_list("region").annotate(number=models.Count("pk"))
        scope.counts = {region or "": number for region, number in regions}
        scope.save(update_fields=["counts"])


class Migration(migrations.Migration):
    """Pages no longer count everything there is."""

    dependencies = [("inventory", "0003_search")]

    operations = [
        migrations.AddField(
            model_name="freshness",
            name="counts",
            field=models.JSONField(
                default=dict, help_text="How many of its resources are open, by their own region; an empty key: unread."
            ),
        ),
        migrations.RunPython(count_what_is_there, migrations.RunPython.noop),
    ]
