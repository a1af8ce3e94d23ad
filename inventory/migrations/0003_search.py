"""Indexes by which names, ids, addresses and tags are searched."""

from __future__ import annotations

from django.db import migrations, models

from inventory.history.terms import Term


class Migration(migrations.Migration):
    """Terms in lower case, compared byte by byte."""

    dependencies = [("inventory", "0002_engine")]

    operations = [
        migrations.RemoveIndex(model_name="resource", name="resource_current_name"),
        migrations.AddIndex(model_name="link", index=models.Index(Term("target", "value"), name="link_term")),
        migrations.AddIndex(
            model_name="ec2instance", index=models.Index(Term("public_ipv4"), name="ec2instance_public_ipv4_term")
        ),
        migrations.AddIndex(
            model_name="ec2instance", index=models.Index(Term("private_ipv4"), name="ec2instance_private_ipv4_term")
        ),
        migrations.AddIndex(model_name="resource", index=models.Index(Term("native_id"), name="resource_id_term")),
        migrations.AddIndex(model_name="resource", index=models.Index(Term("current_name"), name="resource_name_term")),
        migrations.AddIndex(model_name="resourcetag", index=models.Index(Term("value"), name="tag_value_term")),
    ]
