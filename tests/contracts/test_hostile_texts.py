"""Two hundred hostile texts in every field that AWS feeds: pages show them, with the elements of plain ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from html.parser import HTMLParser
from itertools import cycle, islice, product
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import CharField, TextField

from inventory.models import Account, Link, Resource, ResourceTag
from inventory.registry import Kind, ResourceType, resource_type, resource_types
from tests.support.left_out import FEW
from tests.support.rows import REGION, add_rows, enabled, is_stored, read_everything

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

KINDS = tuple(resource_types())
TEXTS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src=//x.example>",
    "<style>*{display:none}</style>",
    "<base href=//x.example>",
    "<form action=//x.example><input>",
    "<template><b>x</b></template>",
    "<!-- x -->",
    "<![CDATA[x]]>",
    "<?xml version='1.0'?>",
    "javascript:alert(1)",
    "data:text/html,<b>x</b>",
    "{{ settings.SECRET_KEY }}",
    "{% debug %}",
    "${alert(1)}",
    "&lt;b&gt;x&lt;/b&gt;",
    "&#60;b&#62;x",
    "%3Cb%3Ex%3C/b%3E",
    "\\u003cb\\u003ex",
)
WRAPPINGS = (
    "{}",
    '">{}',
    "'>{}",
    "</td></tr></table>{}",
    "</title>{}",
    "`{}`",
    '" onclick={} x="',
    "-->{}",
    "{}\u202e",
    "\u2028{}",
)
# A number comes first, so that the texts sort and differ alike whatever follows.
HOSTILE = tuple(f"{number:03}{wrap.format(text)}" for number, (text, wrap) in enumerate(product(TEXTS, WRAPPINGS)))
PLAIN = tuple(f"{text[:3]}{'x' * (len(text) - 3)}" for text in HOSTILE)


class Elements(HTMLParser):
    """The elements of a page in order, each with the names of its attributes, and all of its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tree: list[tuple[str, ...]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tree.append((tag, *sorted(name for name, _ in attrs)))

    def handle_data(self, data):
        self.words += data


def fill(texts: Sequence[str]) -> None:
    """A resource of every type for each text, which stands in every column of text, in tags and in links."""
    account = Account.objects.create(name="acme", account_id="111122223333", region_states=enabled(REGION))
    read_everything(account)
    for kind in KINDS:
        values = [{name: text[:limit] for name, limit in columns_of_text(kind).items()} for text in texts]
        for revision, text in zip(add_rows(kind, account, values), texts, strict=True):
            owner = {"account": account, "resource": revision.resource, "valid_from": revision.valid_from}
            ResourceTag.objects.create(key=text[:100], value=text, **owner)
            for column in kind.columns:
                if column.kind is Kind.MANY:
                    detail = dict.fromkeys(column.detail, text)
                    what = {"target": text, "target_type": column.target} if column.target else {"value": text}
                    Link.objects.create(role=column.field, detail=detail, **what, **owner)


def columns_of_text(kind: ResourceType) -> dict[str, int | None]:
    """The fields of a type that hold any text, each with how long it may be; ranges are checked when they are read."""
    fields = [kind.model._meta.get_field(column.field) for column in kind.columns if is_stored(column)]
    own = kind.model._meta.get_field("name")
    texts = {field.name: field.max_length for field in (own, *fields) if isinstance(field, CharField | TextField)}
    for counts in (column.counts for column in kind.columns if column.counts and column.counts.by_name):
        # Those who name it have no room for more, and a name that was cut is another one.
        naming = resource_type(counts.type).model._meta.get_field(counts.field)
        assert isinstance(naming, CharField)
        texts["name"] = naming.max_length
    return {name: limit for name, limit in texts.items() if not name.startswith("cidr_")}


@pytest.fixture
def read(client):
    """What every address shows in a ledger of these texts, which is gone afterwards."""
    user = User.objects.create(username="ada", is_superuser=True)
    client.force_login(user)

    def pages(texts: Sequence[str], addresses: Callable[[], Sequence[str]]) -> list[tuple[str, Elements]]:
        with transaction.atomic():
            fill(texts)
            answers = [(address, client.get(address)) for address in addresses()]
            transaction.set_rollback(True)
        assert {answer.status_code for _, answer in answers} == {200}
        return [(address, Elements(answer.content.decode())) for address, answer in answers]

    return pages


def lists() -> list[str]:
    """Every list with every column: of a few types with all of its rows, of each other one with a fifth, in turns."""
    return [
        f"/types/{kind.slug}/?{urlencode([('columns', columns), *(('name', name) for name in some)])}"
        for turn, kind in enumerate(KINDS)
        for columns in [",".join(column.field for column in kind.columns)]
        for part, some in enumerate(batched(sorted(kind.model.revisions.values_list("name", flat=True)), 40))
        if kind.slug in FEW or part == turn % 5
    ]


def batched(names: Sequence[str], size: int) -> Iterator[list[str]]:
    """The names in lists of so many."""
    rest = iter(names)
    while some := list(islice(rest, size)):
        yield some


def own_pages() -> list[str]:
    """The page of a resource for every text, of each type in turn."""
    found = {kind.slug: list(Resource.objects.filter(type=kind.slug).order_by("native_id")) for kind in KINDS}
    return [
        f"/types/{slug}/{found[slug][number].pk}/"
        for number, slug in zip(range(len(found[KINDS[0].slug])), cycle(found), strict=False)
    ]


def overviews() -> list[str]:
    """The pages about everything."""
    costs = ["/costs/", "/costs/by/?by=instance_type", "/costs/by/?by=family", "/costs/over-time/"]
    return ["/", "/ports/", *costs, "/changes/?from=2025-12-01", "/coverage/", f"/regions/{REGION}/"]


def test_there_are_two_hundred_different_texts() -> None:
    assert len(set(HOSTILE)) == 200


def test_pages_of_one_thing_show_its_texts_with_the_elements_of_plain_ones(read):
    hostile, plain = read(HOSTILE, own_pages), read(PLAIN[: len(KINDS)], own_pages)

    models = [plain[number % len(KINDS)] for number in range(len(hostile))]
    assert differing(hostile, models) == []
    words = "".join(" ".join(page.words.split()) for _, page in hostile)
    limit = min(columns_of_text(kind)["name"] or 0 for kind in KINDS)
    assert [text for text in HOSTILE if " ".join(text[:limit].split()) not in words] == []


@pytest.mark.parametrize("addresses", [lists, overviews], ids=lambda one: one.__name__)
def test_pages_of_many_things_have_the_elements_of_a_ledger_of_plain_texts(read, addresses):
    assert differing(read(HOSTILE, addresses), read(PLAIN, addresses)) == []


def differing(pages: Sequence[tuple[str, Elements]], models: Sequence[tuple[str, Elements]]) -> list[str]:
    """The addresses at which pages have other elements."""
    return [here for (here, page), (_, model) in zip(pages, models, strict=True) if page.tree != model.tree]


def test_exports_carry_the_very_texts(client):
    fill(HOSTILE)
    client.force_login(User.objects.create(username="ada", is_superuser=True))

    for kind in KINDS:
        answer = client.get(f"/types/{kind.slug}/?format=json")
        rows = json.loads(b"".join(answer.streaming_content) if answer.streaming else answer.content)

        limit = columns_of_text(kind)["name"]
        assert {row["name"] for row in rows} == {text[:limit] for text in HOSTILE}
