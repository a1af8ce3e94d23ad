"""Instances tell their placement group and capacity reservation; volumes are found by their snapshot."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two columns and three indexes; open revisions are read again from the documents that they keep."""

    dependencies = [
        ("inventory", "0025_region"),
    ]

    operations = [
        migrations.AddField(
            model_name="ec2instance",
            name="capacity_reservation_id",
            field=models.CharField(max_length=64, null=True),
        ),
        migrations.AddField(
            model_name="ec2instance",
            name="placement_group",
            field=models.CharField(max_length=255, null=True),
        ),
        migrations.AddIndex(
            model_name="ebsvolume",
            index=models.Index(
                condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                fields=["source_snapshot", "resource"],
                name="ebsvolume_source_snapshot_open",
            ),
        ),
        migrations.AddIndex(
            model_name="ec2instance",
            index=models.Index(
                condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                fields=["placement_group", "resource"],
                name="ec2instance_placement_group_op",
            ),
        ),
        migrations.AddIndex(
            model_name="ec2instance",
            index=models.Index(
                condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                fields=["capacity_reservation_id", "resource"],
                name="ec2instance_capacity_reservati",
            ),
        ),
    ]
