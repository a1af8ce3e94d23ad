"""Open ports, as the page of open ports finds them: the worst first, in pages of whole security groups."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from api.operations import Operation
from api.parameters import ACCOUNT, AS_OF, CURSOR, REGION, Parameter
from api.problems import Error, Kind, Refused
from api.values import Answer, Moment, Unread, moment, unread
from inventory.exposure.ledger import OpenGroup, open_groups
from inventory.pages.port_query import DIRECTIONS, SEVERITIES, SOURCES, PortQuery
from inventory.pages.port_rows import most_severe_first, page_from
from inventory.pages.ports import BEHIND
from inventory.pages.scope import PageScope
from inventory.pages.unread import unread as reasons


class OpeningItem(Answer):
    """One port interval of one security group, open to one set of sources; null ports: the protocol has none."""

    account: str | None
    region: str
    group_id: str
    rule_ids: list[str]
    direction: str
    protocol: str = Field(description="tcp, udp, icmp and so on; -1 means every protocol.")
    from_port: int | None
    to_port: int | None
    family: str | None = Field(description="ipv4 or ipv6; null for groups and prefix lists.")
    source: list[str] = Field(description="The fewest ranges, groups or prefix lists that say who is let in.")
    severity: str | None = Field(description="Null for private and narrow sources, and for what goes out.")
    service: str | None
    attached: list[str] | None = Field(description="Instances behind the group; null: unknown.")


class Openings(Answer):
    """One page of openings."""

    as_of: Moment | None
    total: int
    items: list[OpeningItem]
    next_cursor: str | None
    unread: list[Unread]


PARAMETERS = (
    ACCOUNT,
    AS_OF,
    Parameter(name="direction", about="inbound unless told.", schema={"type": "string", "enum": list(DIRECTIONS)}),
    Parameter(
        name="severity",
        about="Several mean any of them.",
        schema={"type": "string", "enum": list(SEVERITIES)},
        several=True,
    ),
    REGION,
    Parameter(
        name="source", about="Several mean any of them.", schema={"type": "string", "enum": list(SOURCES)}, several=True
    ),
    Parameter(name="port", about="Openings through which this port is reached: 22, tcp:22 or udp:53."),
    Parameter(name="interval", about="Exactly this interval: tcp:8000-8090; -1 or icmp for what has no ports."),
    CURSOR,
)


def add_to(router: Router) -> None:
    """The operation of this module."""
    Operation(
        path="/open-ports",
        name="list_open_ports",
        summary="What the rules of security groups let in and out",
        answer=Openings,
        tag="Exposure",
        parameters=PARAMETERS,
    ).add_to(router, list_open_ports)


def list_open_ports(request: HttpRequest) -> Openings:
    """Openings worked out from the ledger at the moment, the most severe first."""
    scope, query = PageScope.from_request(request), PortQuery.from_address(request.GET)
    kept = most_severe_first(row for row in open_groups(scope.chosen, scope.as_of) if query.keeps(row))
    cursor = request.GET.get("cursor", "")
    shown, following = page_from(kept, cursor)
    _refuse_lost(cursor, shown)
    states = scope.states_of(BEHIND, query.region)
    return Openings(
        as_of=moment(scope.as_of),
        total=len(kept),
        items=[OpeningItem(**row.record()) for row in shown],
        next_cursor=following or None,
        unread=unread(reasons(scope, states)),
    )


def _refuse_lost(cursor: str, shown: Sequence[OpenGroup]) -> None:
    """Refused for a cursor whose group is gone: a page would begin anew, and who follows cursors would never end."""
    begins = {f"{row.account.account_id}/{row.region}/{row.opening.group_id}" for row in shown[:1]}
    if cursor and cursor not in begins:
        detail = f"“{cursor}” leads nowhere any more: begin at the first page."
        raise Refused(Kind.BAD_REQUEST, detail, [Error("cursor", detail)])
