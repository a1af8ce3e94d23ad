"""Paging: how the pages of an operation hang together, for every operation that answers in pages.

botocore describes how most operations page, but not all: a helper that pages "where it can" reads the first page of the
others and takes it for the whole, and what stood on the further pages looks deleted. `LOOPED` names the tokens that
botocore 1.44 does not know of, and an answer that carries a token is never taken for the whole (`is_part`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jmespath
from botocore.exceptions import DataNotFoundError, PaginationError
from botocore.loaders import create_loader
from botocore.model import OperationModel, StructureShape

Answer = dict[str, Any]

LOOPED: Mapping[tuple[str, str], tuple[str, str]] = {
    ("ce", "GetCostAndUsage"): ("NextPageToken", "NextPageToken"),
    ("ce", "GetCostAndUsageWithResources"): ("NextPageToken", "NextPageToken"),
    ("ce", "GetCostCategories"): ("NextPageToken", "NextPageToken"),
    ("ce", "GetDimensionValues"): ("NextPageToken", "NextPageToken"),
    ("ce", "GetReservationCoverage"): ("NextPageToken", "NextPageToken"),
    ("ce", "GetReservationUtilization"): ("NextPageToken", "NextPageToken"),
    ("ce", "GetSavingsPlansCoverage"): ("NextToken", "NextToken"),
    ("ce", "GetSavingsPlansPurchaseRecommendation"): ("NextPageToken", "NextPageToken"),
    ("ce", "GetSavingsPlansUtilizationDetails"): ("NextToken", "NextToken"),
    ("ce", "GetTags"): ("NextPageToken", "NextPageToken"),
    ("savingsplans", "DescribeSavingsPlanRates"): ("nextToken", "nextToken"),
    ("savingsplans", "DescribeSavingsPlans"): ("nextToken", "nextToken"),
    ("savingsplans", "DescribeSavingsPlansOfferingRates"): ("nextToken", "nextToken"),
    ("savingsplans", "DescribeSavingsPlansOfferings"): ("nextToken", "nextToken"),
}
"""Operations of Cost Explorer and Savings Plans that page without a paginator: the tokens that they take and give."""

TOKEN = re.compile(r"^(next|continuation)\w*token$|^(next)?marker$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Paging:
    """How an operation pages: the arguments that take the tokens of the next page, and where an answer holds them.

    `more` is where an answer says by itself whether it is the last one, for operations that do.
    """

    takes: tuple[str, ...]
    gives: tuple[str, ...]
    more: str | None = None

    def next_page(self, answer: Answer) -> dict[str, Any]:
        """The arguments that ask for the next page; none after the last one. Raises botocore's PaginationError."""
        says_more = jmespath.search(self.more, answer) if self.more else None
        if says_more is False:
            return {}
        found = {
            name: token
            for name, where in zip(self.takes, self.gives, strict=True)
            if (token := jmespath.search(where, answer))
        }
        if says_more and not found:
            raise PaginationError(message="said that there is more, and not where")
        return found


def paging_of(service: str, operation: str) -> Paging | None:
    """How an operation pages; None if it answers at once."""
    if (service, operation) in LOOPED:
        takes, gives = LOOPED[service, operation]
        return Paging(takes=(takes,), gives=(gives,))
    described = _described(service).get(operation)
    if described is None:
        return None
    return Paging(
        takes=_several(described["input_token"]),
        gives=_several(described["output_token"]),
        more=described.get("more_results"),
    )


def answers(ask: Callable[..., Answer], paging: Paging, arguments: Mapping[str, Any]) -> Iterator[Answer]:
    """Every answer of an operation, page by page. Raises PaginationError when a page leads back to an earlier one.

    Pages may be shorter than asked for, or empty: only the tokens say whether there is another one.
    """
    asked: set[tuple[Any, ...]] = set()
    next_page: dict[str, Any] = {}
    while True:
        answer = ask(**arguments, **next_page)
        yield answer
        next_page = paging.next_page(answer)
        if not next_page:
            return
        tokens = tuple(next_page.values())
        if tokens in asked:
            raise PaginationError(message="answered the same page token twice")
        asked.add(tokens)


def is_part(operation: OperationModel, answer: Answer) -> bool:
    """Whether an answer is not the whole: it carries the token of another page."""
    paging = paging_of(operation.service_model.service_name, operation.name)
    if paging is not None:
        return bool(paging.next_page(answer))
    return any(answer.get(name) for name in tokens_of(operation))


def tokens_of(operation: OperationModel) -> list[str]:
    """The members of an operation's answer that hold the token of another page."""
    if not isinstance(operation.output_shape, StructureShape):
        return []
    members = operation.output_shape.members.items()
    return [name for name, shape in members if shape.type_name == "string" and TOKEN.match(name)]


@cache
def _described(service: str) -> Mapping[str, Any]:
    """botocore's description of the operations of a service that page."""
    try:
        described: Mapping[str, Any] = create_loader().load_service_model(service, "paginators-1")["pagination"]
    except DataNotFoundError:
        return {}
    return described


def _several(names: str | list[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)
