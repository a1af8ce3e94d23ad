"""How many instances and volumes stand in each zone is asked of an index."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0012_exports"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="ebsvolume",
            name="ebsvolume_account_open",
        ),
        migrations.RemoveIndex(
            model_name="ec2instance",
            name="ec2instance_account_open",
        ),
        migrations.AddIndex(
            model_name="ebsvolume",
            index=models.Index(
                condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                fields=["account", "region", "availability_zone"],
                name="ebsvolume_account_open",
            ),
        ),
        migrations.AddIndex(
            model_name="ec2instance",
            index=models.Index(
                condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                fields=["account", "region", "availability_zone"],
                name="ec2instance_account_open",
            ),
        ),
    ]
