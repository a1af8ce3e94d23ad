"""Regions: which there are, and which an account can use.

Two sources answer two questions. botocore's endpoint data, which ships with the package, knows the *names* of regions:
it is fast, works offline and is used to refuse a misspelt name, but it is as old as the installed botocore. EC2's
DescribeRegions knows what *this account* has enabled: regions launched since 2019 are opt-in, and a call to one that is
not enabled fails like a wrong password (AuthFailure, or OptInRequired). So the visits of an account are planned from
DescribeRegions, and when that list cannot be read the previous one stays.

Availability-zone names are not looked at here: `us-east-1a` is another building in another account. The zones of a
region are a resource type of their own, by their id.
"""

from __future__ import annotations

from functools import cache

from botocore.loaders import create_loader
from botocore.regions import EndpointResolver

from inventory.aws.clients import Clients

PARTITIONS = ("aws", "aws-cn", "aws-us-gov")


@cache
def known_regions() -> frozenset[str]:
    """Every region name that the installed botocore knows, in the commercial, China and GovCloud partitions."""
    # Read from botocore's files, without a session, which a wrong AWS_PROFILE would keep from being made.
    resolver = EndpointResolver(create_loader().load_data("endpoints"))
    return frozenset(
        region for partition in PARTITIONS for region in resolver.get_available_endpoints("ec2", partition)
    )


def region_states(clients: Clients) -> dict[str, str]:
    """The opt-in state of every region for the account: `opted-in`, `not-opted-in` .... Raises AwsFailure."""
    answer = clients.ask("ec2", "DescribeRegions", clients.home_region, action="ec2:DescribeRegions", AllRegions=True)
    return {region["RegionName"]: region.get("OptInStatus", "") for region in answer["Regions"]}
