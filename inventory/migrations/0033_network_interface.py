"""Network interfaces."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import inventory.history.terms


class Migration(migrations.Migration):
    """A table like those of the other types; nothing is in it until the next snapshot."""

    dependencies = [
        ("inventory", "0032_egress_only_internet_gateway"),
    ]

    operations = [
        migrations.CreateModel(
            name="NetworkInterface",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateTimeField(null=True)),
                ("valid_to", models.DateTimeField(null=True)),
                ("staged_by", models.BigIntegerField(null=True)),
                ("region", models.CharField(help_text="The resource's own region.", max_length=32, null=True)),
                ("name", models.CharField(blank=True, default="", max_length=1024)),
                (
                    "incarnation",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Tells a recreated resource of the same name apart: its creation date or AWS's unique id.",
                        max_length=128,
                    ),
                ),
                ("fingerprint", models.BinaryField(max_length=16)),
                (
                    "unknown",
                    models.JSONField(
                        default=dict,
                        help_text="Unread field, link role or `tags` to ISO moment since when; null: never read.",
                    ),
                ),
                ("reading_version", models.PositiveSmallIntegerField(default=1)),
                (
                    "raw",
                    models.BinaryField(help_text="The documents it was read from, by AWS operation: JSON, deflated."),
                ),
                ("status", models.CharField(max_length=16, null=True)),
                ("interface_type", models.CharField(max_length=48, null=True)),
                ("description", models.CharField(max_length=255, null=True)),
                ("instance_id", models.CharField(max_length=64, null=True)),
                ("device_index", models.PositiveSmallIntegerField(null=True)),
                ("delete_on_termination", models.BooleanField(null=True)),
                ("vpc_id", models.CharField(max_length=64, null=True)),
                ("subnet_id", models.CharField(max_length=64, null=True)),
                ("availability_zone", models.CharField(max_length=32, null=True)),
                ("private_ipv4", models.CharField(max_length=15, null=True)),
                ("public_ipv4", models.CharField(max_length=15, null=True)),
                ("mac_address", models.CharField(max_length=32, null=True)),
                ("requester_managed", models.BooleanField(null=True)),
                ("requester_id", models.CharField(max_length=255, null=True)),
                ("source_dest_check", models.BooleanField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.account"
                    ),
                ),
                (
                    "resource",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.resource"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_manager_name": "revisions",
                "indexes": [
                    models.Index(fields=["account", "valid_to", "valid_from"], name="networkinterface_moment"),
                    models.Index(
                        condition=models.Q(("staged_by__isnull", False)),
                        fields=["staged_by"],
                        name="networkinterface_staged",
                    ),
                    models.Index(fields=["resource", "valid_from"], name="networkinterface_periods"),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["region", "resource"],
                        name="networkinterface_region_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["account", "region"],
                        name="networkinterface_account_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["name", "resource"],
                        name="networkinterface_name_open",
                    ),
                    models.Index(inventory.history.terms.Term("private_ipv4"), name="eni_private_ipv4_term"),
                    models.Index(inventory.history.terms.Term("public_ipv4"), name="eni_public_ipv4_term"),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["status", "resource"],
                        name="eni_status_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["interface_type", "resource"],
                        name="eni_interface_type_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["vpc_id", "resource"],
                        name="eni_vpc_id_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["subnet_id", "resource"],
                        name="eni_subnet_id_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["availability_zone", "resource"],
                        name="eni_availability_zone_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["instance_id", "resource"],
                        name="eni_instance_id_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["private_ipv4", "resource"],
                        name="eni_private_ipv4_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["public_ipv4", "resource"],
                        name="eni_public_ipv4_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["requester_managed", "resource"],
                        name="eni_requester_managed_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["source_dest_check", "resource"],
                        name="eni_source_dest_check_open",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=("resource",),
                        name="networkinterface_one_open",
                    )
                ],
            },
            managers=[
                ("revisions", django.db.models.manager.Manager()),
            ],
        ),
    ]
