"""Names of instance types, taken apart."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.instance_names import UNEXPLAINED, take_apart
from tests.aws_pages import reading

M7I = (("m", "family"), ("7", "generation"), ("i", "processor"))


def parts(name: str) -> list[tuple[str, str]]:
    return [(part.text, part.role) for part in take_apart(name).parts]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("m5.2xlarge", [("m", "family"), ("5", "generation"), ("2xlarge", "size")]),
        ("c7gn.large", [("c", "family"), ("7", "generation"), ("g", "processor"), ("n", "option"), ("large", "size")]),
        (
            "m7i-flex.large",
            [("m", "family"), ("7", "generation"), ("i", "processor"), ("-flex", "option"), ("large", "size")],
        ),
        ("u-6tb1.metal", [("u-6tb", "family"), ("1", "generation"), ("metal", "size")]),
        (
            "u7i-12tb.224xlarge",
            [("u", "family"), ("7", "generation"), ("i", "processor"), ("-12tb", "option"), ("224xlarge", "size")],
        ),
        ("mac-m4.metal", [("mac", "family"), ("m", "chip"), ("4", "generation"), ("metal", "size")]),
    ],
)
def test_a_name_has_its_parts_in_its_order(name, expected):
    assert parts(name) == expected


@pytest.mark.parametrize(
    ("name", "letter", "word"),
    [
        ("m5d.large", "d", "local disks"),
        ("m5a.large", "a", "AMD"),
        ("m6g.large", "g", "Graviton"),
        ("m7i.large", "i", "Intel"),
        ("m5n.large", "n", "network"),
        ("r5b.large", "b", "EBS bandwidth"),
        ("x2iezn.2xlarge", "e", "memory"),
        ("x2iezn.2xlarge", "z", "frequency"),
    ],
)
def test_each_letter_is_explained(name, letter, word):
    meanings = {part.text: part.meaning for part in take_apart(name).parts}

    assert word in meanings[letter]


@pytest.mark.parametrize(
    ("name", "category", "use"),
    [
        ("t3.micro", "General purpose", "web servers"),
        ("c5.large", "Compute optimised", "high-performance computing"),
        ("r6g.large", "Memory optimised", "caches"),
        ("i4i.large", "Storage optimised", "sequential"),
        ("p5.48xlarge", "Accelerated computing", "GPU"),
    ],
)
def test_a_family_has_its_category_with_its_uses(name, category, use):
    found = take_apart(name).category

    assert found is not None
    assert (found.name, use in found.uses) == (category, True)


def test_what_follows_no_convention_is_not_guessed():
    assert take_apart("strange").parts == ()
    assert take_apart("qq9y.odd").parts[2].meaning == UNEXPLAINED
    assert take_apart("qq9y.odd").category is None


def test_every_name_that_botocore_knows_can_be_taken_apart_and_has_a_category():
    from inventory.resource_types.ec2_instance import EC2_INSTANCE

    shape: Any = reading.operation_model(EC2_INSTANCE.enrich[0].call).service_model.shape_for("InstanceType")
    strange = [name for name in shape.enum if not (take_apart(name).parts and take_apart(name).category)]

    assert strange == []
