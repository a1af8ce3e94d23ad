"""Removing an account with everything that is known of it.

Rows go in chunks, so that other writers get their turn, and the account itself last: a removal that is interrupted can
be begun again. A worker that is at a visit of the account finds itself fenced out; what it had written before it
noticed goes in the last transaction, which holds the account's row, so that nothing can come after.
"""

from __future__ import annotations

import logging
import time
from collections import Counter

from django.db import IntegrityError, OperationalError, models, transaction

from audit.models import Kind, record
from inventory.models import Account, Organization, Snapshot
from inventory.snapshots import control

logger = logging.getLogger(__name__)

CHUNK = 2_000
TRIES = 10
PAUSE_SECONDS = 1.0

Model = type[models.Model]


def holdings(account: Account) -> Counter[str]:
    """How many rows of each kind are known of an account, by the plural name of the kind."""
    counted = {str(model._meta.verbose_name_plural): _rows(model, account).count() for model in _models()}
    return Counter({name: number for name, number in counted.items() if number})


def remove(account: Account, by: str) -> None:
    """Delete the account, its whole history, and the organization that it reads. Nothing brings them back."""
    control.archive(account, "It is being removed, with everything that was known of it.", by)
    for attempt in range(1, TRIES + 1):
        for snapshot in Snapshot.objects.filter(account=account, finished_at__isnull=True):
            control.cancel(snapshot, "the removal of its account")
        try:
            _delete_in_chunks(account)
            _delete_the_rest(account, by)
        except (IntegrityError, OperationalError) as error:
            # A worker wrote between two of our statements, or waited for us while we waited for it.
            if attempt == TRIES:
                raise
            logger.info("%s is still being written to (%s); its removal goes on.", account.name, error)
            time.sleep(PAUSE_SECONDS)
        else:
            return


def _delete_in_chunks(account: Account) -> None:
    """All rows but those that a worker adds meanwhile, faster perhaps than they can be deleted."""
    for model in _models():
        is_full = True
        while is_full:
            ids = list(_rows(model, account).order_by("pk").values_list("pk", flat=True)[:CHUNK])
            _delete(model._base_manager.filter(pk__in=ids))
            is_full = len(ids) == CHUNK


def _delete_the_rest(account: Account, by: str) -> None:
    """The account, and what a worker wrote since its chunk was deleted."""
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        for model in _models():
            _delete(_rows(model, account))
        Organization.objects.filter(reader=account).delete()
        Account.objects.filter(pk=account.pk).delete()
        record(by, Kind.ACCOUNT_REMOVED, f"removed {account.name} with its whole history", account=account.name)


def _rows(model: Model, account: Account) -> models.QuerySet[models.Model]:
    """Every row of the account, those among them that no other queryset shows because they are staged."""
    return model._base_manager.filter(account=account)


def _delete(rows: models.QuerySet[models.Model]) -> None:
    # What refers to these rows is gone already: Django need not look for it row by row.
    rows._raw_delete(rows.db)


def _models() -> list[Model]:
    """Every kind of row that belongs to an account, those that refer to others of them first."""
    belonging = {
        relation.related_model
        for relation in Account._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ManyToOneRel) and relation.field.name == "account"
    }
    ordered: list[Model] = []
    while belonging:
        free = {model for model in belonging if not any(model in _referred(other) for other in belonging - {model})}
        ordered += sorted(free, key=lambda model: model._meta.label)
        belonging -= free
    return ordered


def _referred(model: Model) -> set[Model]:
    return {field.related_model for field in model._meta.fields if isinstance(field.related_model, type)}
