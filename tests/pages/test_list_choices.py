"""What can be chosen on a list: its columns and their order, how close its rows stand, and which of them are meant."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from time_machine import TimeMachineFixture

from inventory.models import Account, Resource, ResourceTag
from inventory.registry import resource_type
from tests.pages import ledgers
from tests.pages.exports import book, data, table
from tests.support import rows

NOW = datetime(2026, 4, 1, 6, 4, tzinfo=UTC)
LIST = "/types/ebs-volume/"
SIZES = {"a": 3, "b": 1, "c": 2}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def acme(acme: Account) -> Account:
    values = [{"name": name, "size_gib": size, "volume_type": "gp3"} for name, size in SIZES.items()]
    rows.add_rows(resource_type("ebs-volume"), acme, values)
    return acme


def html(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def heads(page: str) -> list[str]:
    """The heads of the columns, after that of the boxes."""
    page = page[page.index("</th>") :]
    return re.findall(r'<th scope="col"[^>]*>(?:<a[^>]*>)?(?:<span class="l">)?([^<]+)<', page)


def links(page: str) -> list[str]:
    """Where the list itself leads to other views of it, beside the frame of the page."""
    return [
        url
        for url in re.findall(r'href="([^"]+)"', page[page.index("<main") :])
        if url.startswith(f"{LIST}?") or url == LIST
    ]


def spelled(name: str) -> str:
    """How an address names the volume."""
    return f"ebs-volume:{Resource.objects.get(current_name=name).pk}"


def test_columns_stand_in_the_order_of_the_address_on_the_page_and_in_every_export(acme: Account, operator: Client):
    address = f"{LIST}?columns=size_gib,on_demand_monthly_usd,state&sort=-size_gib"
    wanted = ["native_id", "name", "size_gib", "on_demand_monthly_usd", "state", "unknown"]

    page = html(operator, address)

    assert heads(page) == ["Name", "Size", "List price", "State"]
    assert list(data(operator, f"{address}&format=json")[0]) == wanted
    assert table(operator, f"{address}&format=csv")[0] == wanted
    assert book(operator, f"{address}&format=xlsx")[0] == wanted


def test_what_was_chosen_is_kept_in_every_link_of_the_list(acme: Account, operator: Client):
    kept = "columns=size_gib,state&density=comfortable"

    page = html(operator, f"{LIST}?{kept}&volume_type=gp3")

    without_columns = [url for url in links(page) if "columns=size_gib,state" not in url]
    without_density = [url for url in links(page) if "density=comfortable" not in url]
    assert without_columns == [f"{LIST}?volume_type=gp3&amp;density=comfortable"], "the way back to the default ones"
    assert without_density == [f"{LIST}?volume_type=gp3&amp;columns=size_gib,state"], "the other density"


@pytest.mark.parametrize(
    ("pressed", "becomes"),
    [
        ("later=state", "volume_type,state,size_gib"),
        ("earlier=size_gib", "state,size_gib,volume_type"),
        ("earlier=state", "state,volume_type,size_gib"),
        ("later=size_gib", "state,volume_type,size_gib"),
        ("later=iops", "state,volume_type,size_gib"),
        ("", "state,volume_type,size_gib"),
    ],
)
def test_the_form_of_the_columns_leads_to_the_address_of_what_was_meant(operator: Client, pressed: str, becomes: str):
    boxes = "columns=state&columns=volume_type&columns=size_gib"

    answer = operator.get(f"{LIST}?volume_type=gp3&{boxes}&{pressed}")

    assert answer.status_code == 302
    assert answer["Location"] == f"{LIST}?volume_type=gp3&columns={becomes}#columns"


def test_the_form_offers_the_shown_columns_first_and_each_of_them_can_be_moved(acme: Account, operator: Client):
    page = html(operator, f"{LIST}?columns=size_gib,state")

    boxes = re.findall(r'name="columns"\s+value="(\w+)"( checked)?', page)
    moves = re.findall(r'name="(earlier|later)"\s+value="(\w+)"', page)
    assert boxes[:2] == [("size_gib", " checked"), ("state", " checked")]
    assert not any(checked for _, checked in boxes[2:])
    assert moves == [("later", "size_gib"), ("earlier", "state")]


def test_a_column_that_does_not_exist_is_named_with_those_that_do(acme: Account, operator: Client):
    page = html(operator, f"{LIST}?columns=size_gib,weight", status=400)

    assert "There is no column “weight”" in page
    assert "volume_type" in page


def test_rows_stand_closer_or_further_apart(acme: Account, operator: Client):
    compact, comfortable = html(operator, LIST), html(operator, f"{LIST}?density=comfortable")

    assert "list compact" in compact
    assert "list comfortable" in comfortable
    assert "“airy” is no density. Write compact or comfortable." in html(operator, f"{LIST}?density=airy", status=400)


def test_ticked_rows_are_a_list_of_their_own_in_its_order(acme: Account, operator: Client):
    chosen = f"{LIST}?of={spelled('a')}&of={spelled('c')}"

    sent = operator.get(f"{chosen}&selection=rows&sort=size_gib")
    page = html(operator, sent["Location"])

    assert [row["name"] for row in data(operator, f"{chosen}&sort=size_gib&format=json")] == ["c", "a"]
    assert [row[2] for row in book(operator, f"{chosen}&sort=size_gib&format=xlsx")[1:]] == ["c", "a"]
    assert re.search(r"only the <span class=\"cl\">2 selected</span>", page)
    assert sent["Location"] == f"{chosen}&sort=size_gib"
    assert f'<a class="cl-x" href="{LIST}?sort=size_gib">' in page
    assert len(re.findall(r'name="of"\s+value="ebs-volume:\d+"\s+aria-label="Select \w" checked', page)) == 2


def test_pressing_a_button_with_nothing_ticked_is_not_wanting_everything(acme: Account, operator: Client):
    answer = operator.get(f"{LIST}?selection=rows&format=csv")

    assert answer.status_code == 400
    assert "No row is selected" in answer.content.decode()


@pytest.mark.parametrize(
    "text", ["17", "ec2-instance:17", "ebs-volume:", "ebs-volume:x", "ebs-volume:²", "ebs-volume:1e3"]
)
def test_what_names_no_row_of_the_list_is_refused_in_words(acme: Account, operator: Client, text: str):
    assert "names no row of this list" in html(operator, f"{LIST}?of={text}", status=400)


def test_more_selected_rows_than_an_address_holds_are_refused(acme: Account, operator: Client):
    many = "&".join(f"of=ebs-volume:{number}" for number in range(101))

    assert "101 selected rows are too many" in html(operator, f"{LIST}?{many}", status=400)


def test_naming_a_row_of_a_foreign_account_shows_nothing(acme: Account, client: Client):
    other = ledgers.account("other", "222233334444")
    rows.read_everything(other)
    rows.add_rows(resource_type("ebs-volume"), other, [{"name": "theirs"}])
    client.force_login(ledgers.reader(acme))

    page = html(client, f"{LIST}?of={spelled('theirs')}")

    assert "theirs" not in page
    assert data(client, f"{LIST}?of={spelled('theirs')}&format=json") == []


@pytest.mark.parametrize("name", ["csv", "json", "xlsx"])
def test_an_export_has_the_headers_of_the_page_and_a_name_with_type_and_moment(
    acme: Account, operator: Client, name: str
):
    page = operator.get(LIST)

    answer = operator.get(f"{LIST}?as_of=2026-03-01T06:00:00Z&format={name}")

    kept = [header for header in page.headers if header not in ("Content-Type", "Content-Length", "Vary")]
    assert {header: answer.headers.get(header) for header in kept} == {header: page.headers[header] for header in kept}
    assert answer["Content-Disposition"].endswith(f'filename="ebs-volume-2026-03-01T060000Z.{name}"')


def test_an_export_says_unknown_where_the_page_does_and_never_0(acme: Account, operator: Client):
    rows.add_rows(resource_type("ebs-volume"), acme, [{"name": "unread", "unknown": {"size_gib": None}}])
    address = f"{LIST}?name=unread&columns=size_gib,on_demand_monthly_usd"

    [row] = data(operator, f"{address}&format=json")
    [_, *cells] = book(operator, f"{address}&format=xlsx")

    assert (row["size_gib"], row["on_demand_monthly_usd"]) == (None, None)
    assert row["unknown"] == ["on_demand_monthly_usd", "size_gib"]
    assert cells == [[row["native_id"], "unread", None, None, '["on_demand_monthly_usd","size_gib"]']]


def test_the_first_page_can_be_reached_from_any_other(acme: Account, operator: Client):
    rows.add_rows(resource_type("ebs-volume"), acme, [{"name": f"v{number:02}"} for number in range(70)])
    following = re.compile(r'href="([^"]+)"\s+rel="next"')

    first = html(operator, LIST)
    second = html(operator, following.findall(first)[0].replace("&amp;", "&"))

    assert 'rel="first"' not in first
    assert f'href="{LIST}" rel="first"' in second


# --- tags as columns ----------------------------------------------------------------------------------------------


def tag_volume(name: str, **values: str) -> None:
    """Give the volume these tags."""
    resource = Resource.objects.get(current_name=name)
    for key, value in values.items():
        ResourceTag.objects.create(
            resource=resource, account=resource.account, key=key, value=value, valid_from=rows.FIRST_LOOK
        )


def test_a_tag_is_a_column_of_the_page_and_of_every_export(acme: Account, operator: Client):
    tag_volume("a", owner="alice", **{"cost, center": "7%"})
    tag_volume("b", owner="")
    address = f"{LIST}?columns=size_gib,tag:owner,tag:cost%252C%20center&sort=size_gib"

    page = html(operator, address)

    wanted = ["native_id", "name", "size_gib", "tag:owner", "tag:cost%2C center", "unknown"]
    assert heads(page) == ["Name", "Size", "Tag owner", "Tag cost, center"]
    assert [cell for cell in ("alice", "7%", "“”") if cell in page] == ["alice", "7%", "“”"]
    assert [list(row.values())[3:5] for row in data(operator, f"{address}&format=json")] == [
        ["", None],
        [None, None],
        ["alice", "7%"],
    ]
    assert table(operator, f"{address}&format=csv")[0] == wanted
    assert book(operator, f"{address}&format=xlsx")[0] == wanted
    assert all("columns=size_gib,tag:owner,tag:cost%252C%20center" in url for url in links(page) if "sort=name" in url)


def test_a_tag_that_was_never_read_is_unknown_and_not_missing(acme: Account, operator: Client):
    rows.add_rows(resource_type("ebs-volume"), acme, [{"name": "unread", "unknown": {"tags": None}}])
    address = f"{LIST}?name=unread&columns=tag:owner"

    [row] = data(operator, f"{address}&format=json")

    assert (row["tag:owner"], row["unknown"]) == (None, ["tags"])
    assert "never read" in html(operator, address)


def test_tags_of_a_past_moment_are_those_of_then(acme: Account, operator: Client):
    tag_volume("a", owner="alice")
    ResourceTag.objects.update(valid_to=datetime(2026, 3, 1, tzinfo=UTC))

    now, then = (
        data(operator, f"{LIST}?name=a&columns=tag:owner&format=json{when}") for when in ("", "&as_of=2026-02-01")
    )

    assert (now[0]["tag:owner"], then[0]["tag:owner"]) == (None, "alice")


def test_the_form_offers_the_tags_of_the_rows_and_takes_any_other(acme: Account, operator: Client):
    tag_volume("a", owner="alice", Name="a")

    page = html(operator, LIST)
    sent = operator.get(f"{LIST}?columns=state&tag_column=cost,+center")

    assert re.findall(r'value="(tag:[^"]+)"', page) == ["tag:owner"]
    assert sent["Location"] == f"{LIST}?columns=state,tag:cost%252C%20center#columns"


def test_nothing_is_sorted_by_a_tag(acme: Account, operator: Client):
    assert "“tag:owner” cannot be sorted by" in html(operator, f"{LIST}?sort=tag:owner", status=400)
    assert "sort=tag" not in html(operator, f"{LIST}?columns=tag:owner")


# --- boxes that stay ticked ---------------------------------------------------------------------------------------


def test_what_is_ticked_stays_so_on_the_next_page_and_back(acme: Account, operator: Client):
    rows.add_rows(resource_type("ebs-volume"), acme, [{"name": f"v{number:02}"} for number in range(70)])
    first = html(operator, f"{LIST}?state=")
    [cursor] = re.findall(r'name="keep"\s+value="([^"]+)"', first)

    sent = operator.get(f"{LIST}?selection=rows&of={spelled('a')}&of={spelled('c')}&keep={cursor}")
    second = html(operator, sent["Location"])
    [back] = [url.replace("&amp;", "&") for url in re.findall(r'href="([^"]+)"\s+rel="prev"', second)]
    again = html(operator, back)

    assert sent["Location"] == f"{LIST}?ticked={pk('a')},{pk('c')}&cursor={cursor}"
    assert "2 on other pages" in second
    assert [spelled(name) in hidden(second) for name in ("a", "b", "c")] == [True, False, True]
    assert "on other pages" not in again
    assert len(re.findall(r'aria-label="Select \w" checked', again)) == 2


def test_boxes_of_other_pages_count_when_the_selected_rows_are_exported(acme: Account, operator: Client):
    carried = f"{LIST}?selection=rows&of={spelled('a')}&of={spelled('b')}"

    assert {row["name"] for row in data(operator, f"{carried}&format=json")} == {"a", "b"}


def test_another_filter_forgets_what_was_ticked(acme: Account, operator: Client):
    page = html(operator, f"{LIST}?volume_type=gp3&ticked={pk('a')}")

    [without] = re.findall(r'class="cl-x" href="([^"]+)"', page)
    assert without == LIST
    assert f"ticked={pk('a')}" in next(url for url in links(page) if "sort=-name" in url)


@pytest.mark.parametrize("text", ["x", "17,", "1e3", "²", "9" * 30, ",".join(map(str, range(101)))])
def test_what_is_no_row_cannot_be_ticked(acme: Account, operator: Client, text: str):
    assert "write ticked=17,18" in html(operator, f"{LIST}?ticked={text}", status=400)


def pk(name: str) -> int:
    """The number of the volume."""
    return Resource.objects.get(current_name=name).pk


def hidden(page: str) -> list[str]:
    """What the form of the rows carries without a box."""
    return re.findall(r'<input type="hidden" name="of" value="([^"]+)">', page)
