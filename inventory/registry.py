"""What a resource type is, and the list of those we know.

A type is declared in one file of `inventory/resource_types/`: which AWS operation lists it, how one item is read into
typed fields, and which columns and relations it shows. Everything else (lists, filters, facets, detail, history, JSON,
CSV, coverage, the contract tests) walks this registry and needs no change when a type is added.

Reading is pure: `ResourceType.read` gets AWS's answers by operation and returns a `Reading`. A key that is missing from
the answers means "could not be read", and the fields that depend on it go to `Reading.unknown`. A key whose value is
None means that AWS says there is none.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from inventory.history import ResourceRevision

GLOBAL = "global"
USER_DATA = "user data"
"""The switch of an account that lets `Ask`s for boot scripts be asked; off unless its operator turns it on."""
COST_EXPLORER = "cost explorer"
"""The switch of an account that lets Cost Explorer be asked what was billed, each page of which AWS bills."""

Answers = dict[str, Any]
"""One item: the list item under its listing operation, and each enrichment's answer under its operation."""

GROUPED = "Items"
"""Under what an item of a listing that is grouped holds the items that AWS listed."""

CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
"""Where the console of each partition is; a region's own is below it: `eu-west-1.console.aws.amazon.com`."""


class Reach(StrEnum):
    """Whether a listing answers for one region or for the whole account."""

    REGIONAL = "regional"
    GLOBAL = "global"


class Category(StrEnum):
    """What a type belongs to, as AWS's console groups its services; the navigation is in this order."""

    COMPUTE = "Compute"
    STORAGE = "Storage"
    NETWORKING = "Networking"
    SECURITY = "Security and identity"
    MACHINE_LEARNING = "Machine learning"
    PURCHASES = "Purchases"
    PLACES = "Places"


class Kind(StrEnum):
    """What a column holds; decides its cell, its filters and its JSON type."""

    TEXT = "text"
    CHOICE = "choice"
    IDENTIFIER = "identifier"
    NUMBER = "number"
    BOOLEAN = "boolean"
    MOMENT = "moment"
    MANY = "many"
    COUNT = "count"


@dataclass(frozen=True, kw_only=True)
class Call:
    """An AWS operation: `Call(service="ec2", operation="DescribeVolumes", items="Volumes")`.

    `items` is the JMESPath of the items in an answer; the IAM action is `service:Operation` unless `permission` says
    otherwise. `page_size` is the argument and value that make AWS page the answer.

    Of a listing, `keep` makes of an item what may be read and stored: what can hold a secret is dropped there, before
    anything else sees it, and None leaves out an item that is not of the account. A listing that names a thing once for
    each of its places is `grouped_by` the key of the thing: the items of one thing are then one, under `GROUPED`.
    """

    service: str
    operation: str
    items: str = ""
    permission: str | None = None
    arguments: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    page_size: tuple[str, int] | None = None
    keep: Callable[[dict[str, Any], Scope], dict[str, Any] | None] = lambda item, scope: item
    grouped_by: str = ""

    def kept(self, items: Iterable[Any], scope: Scope) -> Iterator[Any]:
        """The items of a page of a listing as they may be read and stored."""
        return (one for item in items if (one := self.keep(item, scope)) is not None)

    def grouped(self, items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """One item for each value of `grouped_by`, in the order of the values, with what was listed of it."""
        groups: dict[str, list[dict[str, Any]]] = {}
        for item in items:
            groups.setdefault(item[self.grouped_by], []).append(item)
        return [{self.grouped_by: value, GROUPED: members} for value, members in sorted(groups.items())]

    @property
    def action(self) -> str:
        """The IAM action that allows this call."""
        return self.permission or f"{self.service}:{self.operation}"


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """How much of something there was on one day, as a service measured it: bytes of one storage class of a bucket."""

    metric: str
    dimension: str
    value: int
    measured_at: datetime


@dataclass(frozen=True, kw_only=True)
class Measures:
    """What makes an `Ask` one for measurements, which change by themselves and describe nothing.

    They are asked for once in `every`, over the time that `window` makes of the moment of the look (as arguments), and
    `read` from the answer. Nothing else sees that answer: it is no part of the document that a revision keeps, so that
    a bucket which grew has not changed. One that fails leaves the measurements of before, with their dates.
    """

    every: timedelta
    window: Callable[[datetime], Mapping[str, Any]]
    read: Callable[[dict[str, Any]], tuple[Measurement, ...]]


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One more question about each item; its answer is added under the operation's name.

    A call that names `items` is read to its last page, and answers these items alone.

    `absent` holds the error codes by which AWS says that there is none (the answer is then None). Any other failure
    leaves the answer out, so that the fields read from it become unknown. `wanted` tells for which items to ask.
    With a `switch` it is asked only for accounts whose operator turned that on. `keep` makes of an answer what may be
    read and stored: what can hold a secret is dropped there, before anything else sees it. Where a place can hold tens
    of thousands of things, `most` is for how many of them a visit asks; what is read about the others stays unknown.
    """

    call: Call
    arguments: Callable[[Answers], Mapping[str, Any]]
    absent: frozenset[str] = frozenset()
    region: Callable[[Answers], str | None] = lambda answers: None
    wanted: Callable[[Answers], bool] = lambda answers: True
    switch: str | None = None
    keep: Callable[[dict[str, Any]], dict[str, Any]] = lambda answer: answer
    measures: Measures | None = None
    most: int | None = None

    def arguments_at(self, answers: Answers, when: datetime) -> dict[str, Any]:
        """Everything that the call is given, at the moment of a look."""
        window = self.measures.window(when) if self.measures else {}
        return {**self.arguments(answers), **window, **self.call.arguments}


@dataclass(frozen=True, kw_only=True)
class Incremental:
    """How to list only what is new, for types that keep hundreds of thousands of things that never change again.

    `argument` takes the moment after which listed things were modified; `modified` reads that moment from an item.
    `arguments` make AWS list them in the order of that moment, oldest first, so that a listing which runs out of time
    goes on where it stopped. Such a listing opens and changes, and never closes; what is gone is found by a listing of
    everything, once in `full_every`.
    """

    argument: str
    modified: Callable[[dict[str, Any]], datetime]
    arguments: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    full_every: timedelta = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class LookUp:
    """One question about what many items share, asked by name and in batches: the vCPU of each instance type in use.

    `key` names what an item needs, `argument` is the list argument that takes the names, `item_key` the field by which
    an answer's item is found again. `invalid` is the error code for an unknown name: the names are then asked singly.
    Where `argument` is a filter, AWS leaves out names that it does not know.
    """

    call: Call
    key: Callable[[Answers], str | None]
    argument: str
    item_key: str
    invalid: str = ""
    is_filter: bool = False
    batch: int = 100

    def arguments_for(self, names: list[str]) -> dict[str, Any]:
        """Everything that the call is given to ask for these names."""
        by_name = {"Filters": [{"Name": self.argument, "Values": names}]} if self.is_filter else {self.argument: names}
        return {**by_name, **self.call.arguments}


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Where a listing looks: one account and one region, or `global`."""

    account_id: str
    region: str
    partition: str = "aws"
    switches: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class LinkTo:
    """A reference to another resource, or one value of a multi-valued column.

    `target` is a native id or an ARN and may be unseen; `value` stands for things that are no resource (an address).
    """

    role: str
    target_type: str = ""
    target: str = ""
    target_account: str = ""
    target_region: str = ""
    value: str = ""
    detail: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One resource as seen once, normalised: no Django, no boto3.

    `fields` are the typed columns of the revision model. `unknown` names the fields, the link roles or `tags` that
    could not be read. `region` is the resource's own region (None: unread).
    """

    native_id: str
    name: str
    region: str | None
    tags: Mapping[str, str]
    fields: Mapping[str, Any]
    links: tuple[LinkTo, ...] = ()
    unknown: frozenset[str] = frozenset()
    incarnation: str = ""


@dataclass(frozen=True, kw_only=True)
class CountOf:
    """Rows of another type in the same account and region whose `field` names this resource and that match `where`.

    They are counted when the page is read, at the page's moment, and are unknown where that type was never read.
    `by_name` says that the field holds this resource's name instead of its id, as an instance names its zone.
    """

    type: str
    field: str
    where: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    by_name: bool = False


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: drives the cell, the filter, the facet, sorting, CSV, JSON and the API schema.

    `field` is a field of the revision model; for Kind.MANY it is a link role, whose JSON items are plain strings, or
    objects of `id` and `detail` keys where `detail` names any; for Kind.COUNT it is a name and `counts` says what.
    `facet` and `sortable` columns need an `open_index` on the model, `searched` ones (whose values lead to the resource
    by their beginning, as an address does) a `term_index`. `target` is the type slug a cell links to.
    `words` are what pages say for values whose meaning is not plain: `all` for a port of -1. Data keeps AWS's own.
    A number that is a name and no measure, like a port, is shown without a sign between its thousands. One that
    `is_summed` means something added up over many resources, and has a total below its list.
    """

    field: str
    label: str
    kind: Kind = Kind.TEXT
    unit: str = ""
    is_measure: bool = True
    is_summed: bool = False
    facet: bool = False
    sortable: bool = False
    searched: bool = False
    default: bool = True
    help: str = ""
    target: str = ""
    detail: tuple[str, ...] = ()
    words: Mapping[str, str] = dataclasses.field(default_factory=dict, hash=False)
    counts: CountOf | None = None

    @property
    def shown_unit(self) -> str:
        """What a page tells its numbers in: bytes in GiB, and seconds in words that name their unit."""
        return {"B": "GiB", "s": ""}.get(self.unit, self.unit)


@dataclass(frozen=True, kw_only=True)
class Relation:
    """A reference to another type, with the words for both directions.

    `field` names the column or the link role that holds it; `inverse` is the label on the target's page.
    """

    field: str
    target: str
    label: str
    inverse: str


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """One AWS resource type: what to ask, how to read it and how to show it.

    `id_key` is the key of a listed item that holds its native id, so that an item which cannot be read is still known
    to be there. `arn` is a template over partition, region, account_id and native_id, empty for what has no ARN;
    `console` one of the address of its page in AWS's console, over console (the host of the partition), region,
    native_id and the type's own columns.
    `also` are further listings, of things that the first one leaves out, like images of others that instances use; an
    item of theirs that was listed before is passed over.
    `interval` is the least time between two visits of a scope, for what changes more slowly than an account's own
    interval; None: every snapshot. `is_place` is for what AWS offers and no account owns, like a zone, `is_purchase`
    for what an account bought to pay less, like a Reserved Instance: both are kept, listed and compared as everything
    is, and left out where pages say how much an account holds. `is_principal` is for the few types that have a column
    each in the tables of regions and accounts; the others stand there in totals, and in their own lists. `is_public` is
    for what AWS tells every account alike: one account of each partition reads it for all.
    """

    slug: str
    label: str
    plural: str
    category: Category
    icon: str
    model: type[ResourceRevision]
    call: Call
    reach: Reach
    id_key: str
    arn: str
    console: str
    read: Callable[[Answers, Scope], Reading]
    columns: tuple[Column, ...]
    relations: tuple[Relation, ...] = ()
    enrich: tuple[Ask | LookUp, ...] = ()
    also: tuple[Call, ...] = ()
    reading_version: int = 1
    interval: timedelta | None = None
    incremental: Incremental | None = None
    is_place: bool = False
    is_purchase: bool = False
    is_principal: bool = False
    is_public: bool = False

    @property
    def measured_every(self) -> timedelta | None:
        """How often its things are measured at most; None if they never are."""
        asks = (question for question in self.enrich if isinstance(question, Ask))
        return min((question.measures.every for question in asks if question.measures), default=None)

    def native_id(self, answers: Answers) -> str | None:
        """The native id of a listed item, None if it carries none."""
        item = next(answers[call.operation] for call in self.listings if call.operation in answers)
        found = item.get(self.id_key)
        return found if isinstance(found, str) and found else None

    def column(self, field: str) -> Column | None:
        """The column of that name, if there is one."""
        return next((column for column in self.columns if column.field == field), None)

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every AWS operation that this type uses, the listings first."""
        return (*self.listings, *(question.call for question in self.enrich))

    @property
    def listings(self) -> tuple[Call, ...]:
        """The AWS operations that list things of this type."""
        return (self.call, *self.also)

    def arn_of(self, *, native_id: str, region: str | None, account_id: str) -> str:
        """The ARN of one resource of this type."""
        return self.arn.format(
            partition=partition_of(region), region=region or "", account_id=account_id, native_id=native_id
        )

    def console_url_of(self, values: Mapping[str, Any]) -> str:
        """The address of one resource in AWS's console; empty where a value that the address needs is not known.

        `values` holds the resource's region, its native_id and its columns.
        """
        named = {name: values.get(name) for _, name, _, _ in string.Formatter().parse(self.console) if name}
        named["console"] = CONSOLES[partition_of(values.get("region"))]
        if not all(named.values()):
            return ""
        return self.console.format_map({name: quote(str(value), safe="") for name, value in named.items()})


_types: dict[str, ResourceType] = {}


def register(resource_type: ResourceType) -> ResourceType:
    """Add a type; two types cannot share a slug."""
    if resource_type.slug in _types:
        raise ValueError(f"There are two resource types called {resource_type.slug}: give one of them another slug.")
    _types[resource_type.slug] = resource_type
    return resource_type


def discover() -> None:
    """Import every file of `inventory/resource_types/`, which registers its type."""
    package = importlib.import_module("inventory.resource_types")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")


def resource_type(slug: str) -> ResourceType:
    """The type of that slug; KeyError with the known ones if there is none."""
    try:
        return _types[slug]
    except KeyError:
        raise KeyError(f"There is no resource type {slug}; known are {', '.join(sorted(_types))}.") from None


def resource_types() -> Iterator[ResourceType]:
    """Every type, in the order of its plural label."""
    return iter(sorted(_types.values(), key=lambda one: one.plural))


def collected_types() -> Iterator[ResourceType]:
    """The types that snapshots read, which are all but those in LEFT_OUT_TYPES; in the same order."""
    return (one for one in resource_types() if one.slug not in settings.LEFT_OUT_TYPES)


def check_left_out_types() -> None:
    """Raise ImproperlyConfigured if LEFT_OUT_TYPES names a type that there is not."""
    if unknown := sorted(settings.LEFT_OUT_TYPES - _types.keys()):
        raise ImproperlyConfigured(
            f"LEFT_OUT_TYPES names {', '.join(unknown)}, which is no resource type. Use these names, separated by "
            f"commas: {', '.join(sorted(_types))}."
        )


def held_types() -> Iterator[ResourceType]:
    """The types of what accounts hold, which leaves out places and purchases; in the same order."""
    return (one for one in resource_types() if not (one.is_place or one.is_purchase))


def principal_types() -> Iterator[ResourceType]:
    """The held types that have a column in every table of regions and accounts; in the same order."""
    return (one for one in held_types() if one.is_principal)


def partition_of(region: str | None) -> str:
    """The AWS partition of a region: aws, aws-cn or aws-us-gov."""
    match (region or "").split("-")[:2]:
        case ["cn", *_]:
            return "aws-cn"
        case ["us", "gov"]:
            return "aws-us-gov"
        case _:
            return "aws"


def tags_from(items: list[dict[str, str]] | None) -> dict[str, str]:
    """AWS's list of Key and Value as a dictionary."""
    return {item["Key"]: item.get("Value", "") for item in items or []}
