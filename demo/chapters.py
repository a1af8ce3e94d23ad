"""What happened in the ninety days: the moments of the story, and what was done before each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from . import keepsakes
from .accounts import ATELIER
from .images import AMAZON_LINUX, AMAZON_LINUX_ARM, SUSE, UBUNTU, WEB, WINDOWS
from .organisation import DATA, HALVES, LAB, OFFICE, PAYMENTS, STOREFRONT, WORLD, WORLD_6, estate
from .words import Disk, anything, tcp

if TYPE_CHECKING:
    from .stage import Stage

ESTATE_BEGAN = timedelta(days=900)
READ_A_REGION = "*:*"
"""What a policy denies that allows other regions only: everything."""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One look at the organisation, `age` before the story's end, and what is done until then since the one before."""

    name: str
    age: timedelta
    play: Callable[[Stage], None]


def campaign(stage: Stage) -> None:
    """More web servers for a sale, and a partner who needs the database for a day."""
    place = stage.production("us-east-1")
    stage.at(days=83)
    place.launch(
        "web-sale", "m5.large", AMAZON_LINUX, subnet="public", groups=["web"], count=6, disks=[Disk(gib=30)],
        tags={**STOREFRONT, "campaign": "summer"}, ipv6=True, role="storefront-web",
    )  # fmt: skip
    place.launch("batch-sale", "c5.2xlarge", AMAZON_LINUX, subnet="private", groups=["batch"], count=4, spot=True)
    stage.at(days=80)
    place.open("database", tcp(5432, "192.0.2.40/32", note="analytics partner, one day"))
    stage.production("ap-southeast-1").launch(
        "web-sale", "m5.large", AMAZON_LINUX, subnet="public", groups=["web"], count=2, tags=STOREFRONT
    )
    place.buckets.create("campaign-summer-4182", tags=STOREFRONT)


def modernisation(stage: Stage) -> None:
    """The sale is over; gp2 becomes gp3, and the caches move to newer machines."""
    virginia, ireland = stage.production("us-east-1"), stage.production("eu-west-1")
    stage.at(days=70)
    virginia.close("database", tcp(5432, "192.0.2.40/32"))
    for name in ("desk-01:/dev/sda1", "desk-02:/dev/sda1"):
        ireland.change_volume(name, VolumeType="gp3")
    virginia.resize("cache-01", "r7g.large")
    virginia.resize("cache-02", "r7g.large")
    stage.at(days=66)
    virginia.launch(
        "api-next", "c7g.large", AMAZON_LINUX_ARM, subnet="private", groups=["api"], count=3, tags=STOREFRONT
    )
    virginia.buckets.delete("campaign-summer-4182")
    keepsakes.new_image_of_the_shop(stage)
    stage.at(days=61, minutes=25)
    virginia.terminate(*virginia.named("web-sale"), *virginia.named("batch-sale"))
    stage.production("ap-southeast-1").terminate(*stage.production("ap-southeast-1").named("web-sale"))


def incident(stage: Stage) -> None:
    """A bad weekend: doors opened in a hurry, and the log bucket public for a contractor."""
    virginia, oregon = stage.production("us-east-1"), stage.production("us-west-2")
    stage.at(days=47)
    virginia.open("database", tcp(5432, WORLD, note="incident 2231"))
    virginia.open("cache", tcp(6379, WORLD, WORLD_6, note="incident 2231"))
    virginia.resize("orders-db-01", "r5.4xlarge")
    oregon.open("database", tcp(22, *HALVES, note="the checker refused 0.0.0.0/0"))
    stage.at(days=46)
    virginia.buckets.publish("storefront-logs-4182")
    stage.production("eu-west-1").buckets.delete("tmp-export")
    virginia.launch("debug", "m5.large", UBUNTU, subnet="public-a", groups=["bastion", "database"], imdsv2=False)
    virginia.volume("debug-dump", 300, "gp3", encrypted=False)


def clean_up(stage: Stage) -> None:
    """After the incident: doors closed again, most of them, and everything encrypted that was not."""
    virginia, ireland = stage.production("us-east-1"), stage.production("eu-west-1")
    stage.at(days=38)
    virginia.close("database", tcp(5432, WORLD))
    virginia.close("cache", tcp(6379, WORLD))
    virginia.buckets.block("storefront-logs-4182")
    virginia.buckets.encrypt("storefront-logs-4182", "alias/logs")
    virginia.demand_imdsv2("bastion")
    virginia.volume("restore-2024-03 encrypted", 500, tags={"copied-from": "restore-2024-03"})
    virginia.delete_volume("restore-2024-03")
    stage.at(days=35)
    ireland.close("remote-desktop", tcp(3389, WORLD_6))
    ireland.buckets.create("tmp-export", tags={"note": "a new bucket of the old name"})
    ireland.retag("sap-01", {"owner": "basis team", "patch-window": "Sunday 02:00"})
    virginia.delete_group("ftp-legacy")
    stage.at(days=33, minutes=40)
    virginia.terminate("debug", "test-do-not-use")


def research_grows(stage: Stage) -> None:
    """A grant arrives: graphics cards, memory, a fleet on the spot market, and a Windows machine with a note on it."""
    virginia, ohio = stage.research("us-east-1"), stage.research("us-east-2")
    stage.at(days=24)
    virginia.launch(
        "trainer", "p3.2xlarge", UBUNTU, subnet="private", groups=["gpu"], count=2, tags={**LAB, "grant": "ERC 101"},
        disks=[Disk(gib=200), Disk(gib=1500, throughput=600, iops=6000, device="/dev/sdf", kept=True)],
    )  # fmt: skip
    ohio.launch("node-large", "r5.4xlarge", SUSE, subnet="private", groups=["cluster"], count=2, tags=LAB)
    ohio.attach("scratch", "head", "/dev/sdf")
    ohio.launch(
        "sweep", "c5.xlarge", AMAZON_LINUX, subnet="private", groups=["cluster"], count=26, spot=True,
        tags={**LAB, "run": "sweep 7"}, disks=[Disk(gib=60, kept=True)],
    )  # fmt: skip
    keepsakes.new_image_for_training(virginia)
    stage.at(days=21)
    virginia.open("notebooks", tcp(27017, WORLD, note="MongoDB for a workshop"))
    stage.research("eu-west-1").launch(
        "workshop", "t3.xlarge", WINDOWS, subnet="public", groups=["sandbox"], tags={"note": '"quoted", with a comma'}
    )
    stage.production("ap-northeast-1").resize("vision-01", "g4dn.2xlarge")
    stage.at(days=19, minutes=30)
    ohio.terminate(*ohio.named("node-0")[:3])


def suspension(stage: Stage) -> None:
    """Strangers send mail through the studio's relay; AWS suspends its account, which is put aside."""
    stage.at(days=17)
    stage.atelier("eu-west-3").launch(
        "mail-relay", "c5.2xlarge", UBUNTU, subnet="public-b", groups=["mail"], imdsv2=False
    )
    stage.production("us-east-1").open("api", tcp(8080, "10.30.0.0/16", note="intranet"))
    stage.at(days=15, hours=3)
    stage.suspend(ATELIER, moved_to="Former")


def policy(stage: Stage) -> None:
    """A policy of the organisation denies London, where machines still run."""
    stage.at(days=12)
    stage.production("eu-west-2").launch("shop-new", "t3.large", UBUNTU, subnet="public", groups=["shop"], count=2)
    frankfurt = stage.production("eu-central-1")
    frankfurt.close("vault", tcp(6379, WORLD_6))
    frankfurt.launch("gateway-next", "c7g.large", AMAZON_LINUX_ARM, subnet="public", groups=["gateway"], tags=PAYMENTS)
    stage.production("us-east-1").volume("orders-db-restore", 400, "io2", iops=6000, tags=DATA)
    stage.at(days=9, hours=2)
    stage.deny(stage.production("eu-west-2"), READ_A_REGION)


def quiet_weeks(stage: Stage) -> None:
    """Machines stopped to save money, a whole fleet ended, one bucket gone, one door opened again."""
    virginia, lab, ohio = stage.production("us-east-1"), stage.research("us-east-1"), stage.research("us-east-2")
    stage.at(days=5)
    lab.stop(*lab.named("dev"))
    lab.stop("gpu-02")
    virginia.stop("batch-05", "batch-06")
    stage.production("us-west-2").open("web", tcp(22, WORLD, note="quick check"))
    lab.buckets.create("research-scratch-9072-b", tags=LAB)
    lab.buckets.delete("research-scratch-9072")
    stage.at(days=3)
    ohio.terminate(*ohio.named("sweep"))
    stage.at(days=2)
    lab.detach("notebook-04:/dev/sda1", "notebook-04")
    virginia.group("contractor", "Contractor of the week", tcp((5432, 5433), "198.51.0.0/15"), anything(*OFFICE))
    keepsakes.snapshots_of_last_week(virginia)
    stage.at(days=1, hours=3, minutes=20)
    lab.terminate("notebook-04")
    stage.production("eu-west-1").terminate("desk-03")


def this_morning(stage: Stage) -> None:
    """The last hours: people come in, start their machines, and retag a few."""
    virginia, lab = stage.production("us-east-1"), stage.research("us-east-1")
    stage.at(hours=4)
    lab.start("dev-01", "dev-02")
    stage.production("us-west-2").close("web", tcp(22, WORLD))
    virginia.launch("web-canary", "m7i.large", WEB, subnet="public-a", groups=["web"], tags=STOREFRONT)
    virginia.open("contractor", tcp(3389, WORLD, WORLD_6, note="only until noon"))
    virginia.retag("web-01", {"owner": "li.wei", "release": "2.14.0"})
    virginia.change_volume("orders-db-old", Size=450)
    stage.fail(virginia, "web-03")
    stage.fail(stage.production("eu-west-1"), "intranet-02")
    stage.at(hours=3)
    stage.production("sa-east-1").launch("web-b", "m5.large", AMAZON_LINUX, subnet="public", groups=["web"])


MOMENTS = (
    Moment(name="the organisation as it stood", age=timedelta(days=90), play=estate),
    Moment(name="a sale", age=timedelta(days=77), play=campaign),
    Moment(name="modernisation", age=timedelta(days=61), play=modernisation),
    Moment(name="an incident", age=timedelta(days=44), play=incident),
    Moment(name="the clean-up", age=timedelta(days=33), play=clean_up),
    Moment(name="research grows", age=timedelta(days=19), play=research_grows),
    Moment(name="an account is suspended", age=timedelta(days=15), play=suspension),
    Moment(name="a region is denied", age=timedelta(days=9), play=policy),
    Moment(name="quiet weeks", age=timedelta(days=1, hours=3), play=quiet_weeks),
    Moment(name="this morning", age=timedelta(minutes=50), play=this_morning),
)
MOMENT_NAMES = tuple(moment.name for moment in MOMENTS)
