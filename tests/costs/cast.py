"""A small cast for the tests of prices: price tables written by the test, and things that have a price."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any

from django.core.management import call_command

from costs.compare import Charge
from costs.loading import store
from costs.operations import LINUX
from costs.price_book import Price, PriceBook, Provenance, Sku
from costs.pricing_models import WayOfPaying
from costs.sources.document import Document, InstanceFact, Kind, UnitFact
from inventory.models import Account
from inventory.registry import resource_type
from tests.support.rows import add_rows

REGION = "us-east-1"
M5_LARGE = Sku(REGION, "m5.large", LINUX, "default")

ON_DEMAND = "region,instance_type,ondemand_usd_hr"
ON_DEMAND_AND_RESERVED = (
    "region,instance_type,sku,ondemand_usd_hr,ri_std_1y_noupfront_usd_hr,ri_std_3y_noupfront_usd_hr,"
    "ri_conv_1y_noupfront_usd_hr,ri_conv_3y_noupfront_usd_hr"
)
ALL_UPFRONT = "region,instance_type,upfront_usd,effective_usd_hr"
RESERVED = (
    "region,operating_system,instance_type,offering_class,lease,purchase_option,upfront_usd,hourly_usd,ondemand_usd_hr"
)
SPOT = "region,instance_type,ondemand_usd_hr,spot_avg_usd_hr"
EVERY_SKU = (
    "sku,product_family,instance_type,operating_system,pre_installed_sw,license_model,tenancy,capacity_status,"
    "usage_type,volume_api_name,group,unit,starting_range,usd"
)
EBS = "region,location,volume_type,dimension,usd,rate_code"
S3 = "region,storage_class,dimension,usd,per"

_numbers = count(1)


def table(folder: Path, name: str, *lines: str) -> Path:
    """A price table with these lines, the header first."""
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def load(*arguments: Path | str) -> None:
    """`manage.py load_prices FILE ...`"""
    call_command("load_prices", *map(str, arguments))


def load_m5_large(folder: Path) -> None:
    """An m5.large in us-east-1: on-demand and reserved of 2025-04, spot of 2024-04."""
    load(
        table(
            folder, "prices_2025-04.csv", ON_DEMAND_AND_RESERVED, "us-east-1,m5.large,SKU1,0.096,0.06,0.041,0.071,0.049"
        ),
        table(folder, "spot_2024-04.csv", SPOT, "us-east-1,m5.large,0.096,0.0384"),
    )


def compare(*arguments: str) -> list[dict[str, Any]]:
    """The rows of `manage.py compare_costs`."""
    out = StringIO()
    call_command("compare_costs", *arguments, "--format=json", stdout=out)
    rows: list[dict[str, Any]] = json.loads(out.getvalue())
    return rows


def by_way(rows: list[dict[str, Any]]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The rows of one instance by model, class, years and payment."""
    return {(row["model"], row["offering_class"], row["term_years"], row["payment"]): row for row in rows}


def account(name: str = "acme") -> Account:
    """A confirmed account."""
    return Account.objects.create(name=name, account_id=f"{next(_numbers):012}")


def instance(owner: Account, **fields: Any) -> Any:
    """The revision of a running m5.large with Linux in us-east-1, unless the fields say otherwise."""
    plain = {
        "native_id": f"i-{next(_numbers):017x}",
        "region": REGION,
        "state": "running",
        "instance_type": "m5.large",
        "usage_operation": LINUX,
        "operating_system": "linux",
        "operating_system_source": "UsageOperation",
        "tenancy": "default",
        "lifecycle": "on-demand",
    }
    return row("ec2-instance", owner, plain | fields)


def volume(owner: Account, **fields: Any) -> Any:
    """The revision of 100 GiB of gp2 in us-east-1, unless the fields say otherwise."""
    plain = {
        "native_id": f"vol-{next(_numbers):017x}",
        "region": REGION,
        "state": "in-use",
        "volume_type": "gp2",
        "size_gib": 100,
    }
    return row("ebs-volume", owner, plain | fields)


def bucket(owner: Account) -> Any:
    """The revision of a bucket."""
    return row("s3-bucket", owner, {"native_id": f"bucket-{next(_numbers)}", "region": REGION})


def price(
    way: WayOfPaying, hourly: str, month: str, *, upfront: str = "0", kind: Kind = Kind.EVERY_SKU, document: int = 0
) -> Price:
    """A listed price; documents of one month are the same one unless numbered."""
    first_day = date.fromisoformat(f"{month}-01")
    charge = Charge(hourly_usd=Decimal(hourly), upfront_usd=Decimal(upfront), term_hours=way.term_hours)
    return Price(way, charge, Provenance(first_day, document or first_day.toordinal(), kind.value, f"list of {month}"))


def book(*prices: Price, sku: Sku = M5_LARGE) -> PriceBook:
    """A book that knows one SKU."""
    return PriceBook({sku: prices}, priced_regions=[sku.region])


def row(slug: str, owner: Account, fields: dict[str, Any]) -> Any:
    valid = {key: fields.pop(key) for key in ("valid_from", "valid_to") if key in fields}
    return add_rows(resource_type(slug), owner, [fields], region=fields["region"], **valid)[0]


def store_facts(*facts: InstanceFact | UnitFact, month: str = "2020-07", kind: Kind = Kind.EVERY_SKU) -> None:
    """A document of these facts, as an importer hands it over."""
    store(
        Document(
            kind=kind,
            month=date.fromisoformat(f"{month}-01"),
            source=f"list of {month}",
            licence="",
            instance_facts=tuple(fact for fact in facts if isinstance(fact, InstanceFact)),
            unit_facts=tuple(fact for fact in facts if isinstance(fact, UnitFact)),
        )
    )


def fact(way: str, hourly: str, *, upfront: str = "0", sku: Sku = M5_LARGE) -> InstanceFact:
    """A price of one way of paying."""
    return InstanceFact(*sku, way, Decimal(upfront), Decimal(hourly))


M5_LARGE_2020 = (
    fact("on-demand", "0.096"),
    fact("reserved-standard-1y-no-upfront", "0.060"),
    fact("reserved-standard-1y-partial-upfront", "0.029", upfront="252"),
    fact("reserved-standard-1y-all-upfront", "0", upfront="494"),
    fact("reserved-standard-3y-no-upfront", "0.041"),
    fact("reserved-standard-3y-partial-upfront", "0.019", upfront="505"),
    fact("reserved-standard-3y-all-upfront", "0", upfront="949"),
    fact("reserved-convertible-1y-no-upfront", "0.071"),
    fact("reserved-convertible-3y-all-upfront", "0", upfront="1161"),
)
"""m5.large with Linux in us-east-1, as AWS listed it in July 2020."""


def reserved(owner: Account, now: datetime, *, count: int) -> Any:
    """Regional Reserved Instances of m5.large with Linux for a year, bought a month ago."""
    return row(
        "reserved-instance",
        owner,
        {
            "native_id": f"reserved-{next(_numbers)}",
            "region": REGION,
            "state": "active",
            "instance_type": "m5.large",
            "instance_count": count,
            "product_description": "Linux/UNIX",
            "scope": "Region",
            "instance_tenancy": "default",
            "offering_class": "standard",
            "offering_type": "No Upfront",
            "fixed_price": Decimal(0),
            "recurring_hourly": Decimal("0.06"),
            "currency": "USD",
            "duration_seconds": 31_536_000,
            "start": now - timedelta(days=30),
            "end": now + timedelta(days=335),
        },
    )
