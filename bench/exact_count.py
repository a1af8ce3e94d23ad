"""The product's pages, with one thing added: a list asks the database for its exact number of rows.

That is what a paginator does that knows its last page. Served beside the product's own pages, it shows what a capped
count saves.
"""

from __future__ import annotations

from config.wsgi import application as pages
from inventory.pages import list_page
from inventory.pages.facets import Counted, count
from inventory.pages.list_query import ListQuery


def count_exactly(query: ListQuery) -> Counted:
    """What the product counts, after an exact COUNT of the same rows."""
    query.rows().order_by().count()
    return count(query)


vars(list_page)["count"] = count_exactly
application = pages
