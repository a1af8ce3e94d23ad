"""Putting price documents into the database: whole or not at all, and each only once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db import models, transaction

from costs.models import InstancePrice, PriceDocument, SpotAdvice, SpotPrice, UnitPrice
from costs.sources import sheets
from costs.sources.document import Document, UnreadableDocument

BATCH = 5_000


@transaction.atomic
def store(document: Document, *, series: str = "") -> bool:
    """Add the document's facts; False if a document with these very facts is there already.

    A document of a series takes the place of its predecessors. UnreadableDocument where a fact is longer or finer than
    the book can keep: nothing is stored then.
    """
    row, is_new = PriceDocument.objects.get_or_create(
        digest=document.digest,
        defaults={
            "kind": document.kind,
            "month": document.month,
            "published_on": document.published_on,
            "source": document.source,
            "licence": document.licence,
            "currency": document.currency,
            "regions": document.regions,
            "facts": len(document),
        },
    )
    if is_new:
        _add(InstancePrice, row, document.instance_facts)
        _add(UnitPrice, row, document.unit_facts)
        _add(SpotPrice, row, document.spot_facts)
        _add(SpotAdvice, row, document.advice_facts)
    if series:
        predecessors = PriceDocument.objects.filter(series=series, kind=document.kind, currency=document.currency)
        predecessors.exclude(pk=row.pk).delete()
        row.series = series
        row.save(update_fields=["series"])
    return is_new


def missing_from_bundle() -> list[sheets.Entry]:
    """The sheets of the bundled book that are not in the database."""
    entries = sheets.read_manifest()
    digests = [entry.digest for entry in entries]
    present = set(PriceDocument.objects.filter(digest__in=digests).values_list("digest", flat=True))
    return [entry for entry in entries if entry.digest not in present]


def _add(model: type[models.Model], row: PriceDocument, facts: Iterable[Any]) -> None:
    """Write facts a batch at a time: a document may be larger than memory."""
    limits = _limits(model)
    remaining = iter(facts)
    # The model's manager, which mypy knows for concrete models only.
    manager: Any = model._default_manager
    while batch := list(islice(remaining, BATCH)):
        for fact in batch:
            _check(fact, limits)
        manager.bulk_create([model(document=row, **fact._asdict()) for fact in batch])


def _limits(model: type[models.Model]) -> Mapping[str, models.Field[Any, Any]]:
    return {field.name: field for field in model._meta.concrete_fields}


def _check(fact: Any, limits: Mapping[str, models.Field[Any, Any]]) -> None:
    """Refuse what a database would cut or round, or refuse in words of its own."""
    for name, value in zip(fact._fields, fact, strict=True):
        field = limits[name]
        if isinstance(value, str) and isinstance(field, models.CharField) and not _is_short(value, field):
            raise UnreadableDocument(repr(value[:40]), f"{name} is no text of at most {field.max_length} characters")
        if isinstance(value, Decimal) and isinstance(field, models.DecimalField) and not _fits(value, field):
            raise UnreadableDocument(
                " ".join(map(str, fact[:5])), f"{name} is {value}, finer or larger than the book keeps"
            )


def _is_short(value: str, field: models.CharField[Any, Any]) -> bool:
    return len(value) <= (field.max_length or 0) and value.isprintable()


def _fits(value: Decimal, field: models.DecimalField[Any, Any]) -> bool:
    whole = 10 ** (field.max_digits - field.decimal_places)
    return value < whole and value == value.quantize(Decimal(1).scaleb(-field.decimal_places))
