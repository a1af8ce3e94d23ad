"""Timestamps are read as botocore reads them, whatever their form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.utils import parse_timestamp
from hypothesis import given
from hypothesis import strategies as st

from inventory.aws import Clients
from inventory.aws.timestamps import read_timestamp
from tests.aws.scripted import Answer, ScriptedAws

offsets = st.integers(min_value=-14 * 60, max_value=14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2200, 1, 1), timezones=offsets)  # noqa: DTZ001


@given(moments, st.sampled_from(["auto", "seconds", "milliseconds", "microseconds"]))
def test_iso_timestamps_are_read_as_botocore_reads_them(moment: datetime, precision: str) -> None:
    text = moment.isoformat(timespec=precision)

    assert read_timestamp(text) == parse_timestamp(text)


@pytest.mark.parametrize(
    "value",
    [
        "2026-04-01T06:00:00Z",
        "2026-04-01T06:00:00.000Z",
        "2026-04-01T06:00:00.123456789Z",
        "Wed, 01 Apr 2026 06:00:00 GMT",
        "20260401T060000Z",
        "2026-04-01",
        1775023200,
        1775023200.25,
        "1775023200",
    ],
)
def test_other_forms_are_read_as_botocore_reads_them(value: Any) -> None:
    assert read_timestamp(value) == parse_timestamp(value)


@pytest.mark.parametrize("value", ["soon", "", None, "2026-13-41T99:00:00Z"])
def test_what_is_no_timestamp_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_timestamp(value)


def test_answers_of_aws_are_read_so(aws: ScriptedAws, make_clients: Callable[..., Clients]) -> None:
    item = "<item><volumeId>vol-1</volumeId><createTime>2026-04-01T06:00:00.5Z</createTime></item>"
    aws.answers(
        "DescribeVolumes",
        Answer(body=f"<DescribeVolumesResponse><volumeSet>{item}</volumeSet></DescribeVolumesResponse>"),
    )

    pages = make_clients().pages("ec2", "DescribeVolumes", "eu-west-1", "ec2:DescribeVolumes", "Volumes")

    created = [volume["CreateTime"] for page in pages for volume in page]
    assert created == [datetime(2026, 4, 1, 6, 0, 0, 500_000, tzinfo=UTC)]
    assert created[0].tzinfo is UTC
