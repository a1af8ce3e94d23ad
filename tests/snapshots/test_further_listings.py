"""What a collector does with listings that are grouped, filtered or followed by others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast

from inventory.aws import Clients
from inventory.registry import GROUPED, Answers, Ask, Call, LookUp, ResourceType, Scope, resource_type
from inventory.snapshots.collect import Collector

SCOPE = Scope(account_id="111122223333", region="eu-west-1")


@dataclass
class Aws:
    """Lists what it was told, two items a page, and remembers what it was asked."""

    lists: dict[str, list[dict[str, Any]]]
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    home_region: str = "us-east-1"

    def pages(
        self, service: str, operation: str, region: str, action: str, items: str, **arguments: Any
    ) -> Iterator[list[Any]]:
        """The pages of a listing; with filters, what they name."""
        self.asked.append((operation, arguments))
        found = self.lists.get(operation, [])
        if filters := arguments.get("Filters"):
            found = [one for one in self.lists["others"] if one["ImageId"] in filters[0]["Values"]]
        for start in range(0, len(found), 2):
            yield found[start : start + 2]

    def ask(self, service: str, operation: str, region: str, action: str, **arguments: Any) -> dict[str, Any]:
        """One answer about one item."""
        self.asked.append((operation, arguments))
        return self.answers.get(operation, {})


def collected(kind: ResourceType, aws: Aws) -> tuple[list[Answers], Collector]:
    """Every item with its answers."""
    collector = Collector(kind, SCOPE, cast("Clients", aws), datetime(2026, 1, 1, tzinfo=UTC))
    return [answers for batch in collector.batches() for answers in batch], collector


def image(number: int, owner: str = "111122223333") -> dict[str, Any]:
    return {"ImageId": f"ami-{number}", "OwnerId": owner}


def test_images_of_others_come_once_after_the_own_ones_and_are_looked_up_by_id() -> None:
    lists = {
        "DescribeImages": [image(1), image(2)],
        "DescribeInstanceImageMetadata": [image(1), image(7, "1"), image(7, "1"), image(8, "1")],
        "others": [{**image(7, "1"), "Architecture": "arm64"}],
    }
    aws = Aws(lists)

    found, _ = collected(resource_type("image"), aws)

    assert [sorted(answers) for answers in found] == [
        *[["DescribeImageAttribute", "DescribeImages"]] * 2,
        ["DescribeImages", "DescribeInstanceImageMetadata"],
        ["DescribeInstanceImageMetadata"],
    ]
    looked_up = [arguments for operation, arguments in aws.asked if "Filters" in arguments]
    assert all("Owners" not in arguments and arguments["IncludeDeprecated"] for arguments in looked_up)
    assert sorted(name for arguments in looked_up for name in arguments["Filters"][0]["Values"]) == ["ami-7", "ami-8"]


def test_what_is_not_the_accounts_is_left_out_before_anybody_asks_about_it() -> None:
    mine, foreign = {"SnapshotId": "snap-1", "OwnerId": "111122223333"}, {"SnapshotId": "snap-2", "OwnerId": "9" * 12}
    aws = Aws({"DescribeSnapshots": [foreign, mine, foreign]})

    found, _ = collected(resource_type("ebs-snapshot"), aws)

    assert [answers["DescribeSnapshots"]["SnapshotId"] for answers in found] == ["snap-1"]
    assert [arguments.get("SnapshotId") for operation, arguments in aws.asked if operation.endswith("Attribute")] == [
        "snap-1"
    ]


def test_the_items_of_one_thing_are_gathered_over_all_pages() -> None:
    offered = [{"InstanceType": name, "Location": zone} for zone in ("az1", "az2") for name in ("m5.large", "a1.large")]

    found, _ = collected(
        resource_type("instance-type-offering"), Aws({"DescribeInstanceTypeOfferings": [*offered, *offered[:1]]})
    )

    by_type = {one["InstanceType"]: one[GROUPED] for (one,) in (answers.values() for answers in found)}
    assert list(by_type) == ["a1.large", "m5.large"]
    assert [one["Location"] for one in by_type["m5.large"]] == ["az1", "az2", "az1"]


def test_beyond_its_limit_a_question_is_not_asked_and_says_so() -> None:
    kind = resource_type("ebs-snapshot")
    (ask,) = (question for question in kind.enrich if isinstance(question, Ask))
    snapshots = [{"SnapshotId": f"snap-{number}", "OwnerId": "111122223333"} for number in range(5)]
    aws = Aws({"DescribeSnapshots": snapshots})

    found, collector = collected(replace(kind, enrich=(replace(ask, most=3),)), aws)

    assert sum("DescribeSnapshotAttribute" in answers for answers in found) == 3
    (note,) = collector.unread.values()
    assert (note["code"], note["count"]) == ("TooMany", 2)
    assert "3 things of a region at the most" in note["reason"]


def test_names_are_given_as_a_list_or_as_a_filter() -> None:
    call = Call(service="ec2", operation="DescribeImages", items="Images", arguments={"IncludeDeprecated": True})
    by_list = LookUp(call=call, key=lambda answers: None, argument="ImageIds", item_key="ImageId")

    assert by_list.arguments_for(["ami-1"]) == {"ImageIds": ["ami-1"], "IncludeDeprecated": True}
    assert replace(by_list, argument="image-id", is_filter=True).arguments_for(["ami-1"]) == {
        "Filters": [{"Name": "image-id", "Values": ["ami-1"]}],
        "IncludeDeprecated": True,
    }
