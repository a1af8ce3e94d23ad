"""The list of one resource type: one page object, shown as HTML, or all of its rows as JSON, CSV or XLSX."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC
from itertools import islice
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from inventory.pages.arrangement import rearranged
from inventory.pages.columns import NAME, NATIVE_ID
from inventory.pages.export_progress import followed_export
from inventory.pages.list_page import ListPage, records_of
from inventory.pages.list_query import ListQuery, key_of
from inventory.pages.list_reader import read_list
from inventory.pages.new_condition import added_condition
from inventory.pages.paging import every_resource
from inventory.pages.records import BATCH, row, row_keys
from inventory.pages.selection import ASKED, KEEP
from inventory.pages.sentence import sentence
from inventory.registry import resource_type


def resource_list(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The list of one type; 400 with the form kept for an address that cannot be met."""
    try:
        kind = resource_type(slug)
    except KeyError:
        raise Http404(f"There is no resource type {slug}.") from None
    query = read_list(request, kind)
    if expression := added_condition(request.GET):
        url = query.address()
        return redirect(f"{url}{'&' if '?' in url else '?'}{expression}")
    if not query.problems and (url := meant_by_form(query, request.GET)):
        return redirect(url)
    status = 400 if query.problems else 200
    if query.output_format == "html":
        return render(request, "inventory/list.html", {"page": ListPage(query)}, status=status)
    if query.problems:
        words = "\n".join(problem.message for problem in query.problems)
        return HttpResponse(words, content_type="text/plain; charset=utf-8", status=status)
    return followed_export(
        request,
        lambda: every_row(query),
        keys=exported_keys(query),
        output_format=query.output_format,
        name=file_name(query),
        what=sentence(query.type.plural, query.every_condition),
        count=lambda: query.rows().order_by().count(),
    )


def meant_by_form(query: ListQuery, given: QueryDict) -> str:
    """The address of the list that the form of the columns or of the rows asked for; empty if none was sent."""
    if KEEP in given:
        return query.address(cursor=query.cursor)
    if ASKED in given and query.output_format == "html":
        return query.address()
    return rearranged(query, given)


def exported_keys(query: ListQuery) -> list[str]:
    """The keys of an export: the chosen columns in their order, else those of the page and what says whose a row is."""
    if not query.chosen_columns:
        return row_keys(query.columns, query.added)
    return [NATIVE_ID.field, NAME.field, *(key_of(column) for column in query.shown), "unknown"]


def file_name(query: ListQuery) -> str:
    """What an export is called, before its ending: the type, and the moment in UTC without what no file may hold."""
    moment = query.scope.as_of or timezone.now()
    return f"{query.type.slug}-{moment.astimezone(UTC):%Y-%m-%dT%H%M%SZ}"


def every_row(query: ListQuery) -> Iterator[Mapping[str, Any]]:
    """Every row of the list in its order, as exported objects."""
    resources = every_resource(query.rows(), query.order, BATCH)
    while batch := list(islice(resources, BATCH)):
        for record in records_of(query, batch):
            yield row(record, query.columns, query.added)
