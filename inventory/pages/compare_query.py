"""What `/compare/` is asked to lay side by side: `?of=<type>:<resource>[@<moment>]`, two to four times."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from inventory.pages.frame import in_scope
from inventory.pages.moments import parse_past_moment, spell_moment
from inventory.pages.scope import BadAddress, PageScope
from inventory.registry import ResourceType, resource_type

FEWEST, MOST = 2, 4
SPELLING = re.compile(r"(?P<slug>[a-z0-9-]+):(?P<pk>[0-9]{1,18})(?:@(?P<moment>.+))?")
HOW = "Write of=ec2-instance:12 for a resource, and of=ec2-instance:12@2026-04-01T06:00:00Z for a moment of it."
ONLY_DIFFERENCES = "differences"


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """One resource at one moment; None: at the moment of the page."""

    slug: str
    pk: int
    moment: datetime | None = None

    def __str__(self) -> str:
        spelled = f"{self.slug}:{self.pk}"
        return spelled if self.moment is None else f"{spelled}@{spell_moment(self.moment)}"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What is compared, and whether rows that are the same on all sides are left out."""

    type: ResourceType
    chosen: tuple[Chosen, ...]
    only_differences: bool

    @classmethod
    def from_request(cls, request: HttpRequest) -> Comparison:
        """What the address asks for. BadAddress says what to write instead."""
        chosen = tuple(dict.fromkeys(map(_chosen, request.GET.getlist("of"))))
        if not FEWEST <= len(chosen) <= MOST:
            raise BadAddress(f"{FEWEST} to {MOST} different things are laid side by side, not {len(chosen)}. {HOW}")
        slugs = {one.slug for one in chosen}
        if len(slugs) > 1:
            raise BadAddress(f"Only resources of one type are laid side by side, not {' and '.join(sorted(slugs))}.")
        only = request.GET.get("only", "")
        if only not in ("", ONLY_DIFFERENCES):
            raise BadAddress(f"“{only}” is nothing to show only. Write only={ONLY_DIFFERENCES}, or leave it out.")
        return cls(type=resource_type(chosen[0].slug), chosen=chosen, only_differences=bool(only))


def compare_url(scope: PageScope, chosen: Iterable[Chosen], *, only_differences: bool = False) -> str:
    """The page that lays these side by side, for the accounts and moment of the scope."""
    query = QueryDict(mutable=True)
    query.setlist("of", [str(one) for one in chosen])
    if only_differences:
        query["only"] = ONLY_DIFFERENCES
    return in_scope(scope, f"{reverse('compare')}?{query.urlencode()}")


def _chosen(text: str) -> Chosen:
    match = SPELLING.fullmatch(text.strip())
    if match is None:
        raise BadAddress(f"“{text}” names nothing to lay side by side. {HOW}")
    try:
        resource_type(match["slug"])
        moment = parse_past_moment(match["moment"]) if match["moment"] else None
    except KeyError as error:
        raise BadAddress(error.args[0]) from None
    except ValueError as error:
        raise BadAddress(str(error)) from None
    return Chosen(slug=match["slug"], pk=int(match["pk"]), moment=moment)
