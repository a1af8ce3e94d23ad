"""The sample organisation as it stood ninety days ago: a shop, its back office, a research group, a design studio.

Each function tells one place, in the order in which the places were opened. What is wrong in them is wrong on purpose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import keepsakes
from .images import AMAZON_LINUX, AMAZON_LINUX_ARM, RHEL, SUSE, UBUNTU, UBUNTU_ARM, WEB_OLD, WINDOWS, WINDOWS_SQL
from .words import Disk, Rule, anything, ping, tcp, udp

if TYPE_CHECKING:
    from .stage import Stage

WORLD, WORLD_6 = "0.0.0.0/0", "::/0"
HALVES = ("0.0.0.0/1", "128.0.0.0/1")
OFFICE = ("203.0.113.0/28", "198.51.100.16/28")
INSIDE = "10.0.0.0/8"
PROVIDER = ("81.128.0.0/12", "86.128.0.0/10")
HOSTILE_TAGS = {
    "note": "<script>alert(1)</script>",
    "formula": "=cmd|'/C calc'!A0",
    "quotes": 'She said "it\'s" fine & left',
    "lines": "first line\nsecond line\r\nthird line",
    "direction": "\u200f\u05e9\u05dc\u05d5\u05dd\u200f 42",
    "length": "x" * 256,
}
STOREFRONT = {"team": "storefront", "environment": "production", "cost-centre": "4100"}
DATA = {"team": "data", "environment": "production", "cost-centre": "4200"}
PAYMENTS = {"team": "payments", "environment": "production", "cost-centre": "4300"}
BACK_OFFICE = {"team": "back-office", "environment": "production", "cost-centre": "5100"}
OPERATIONS = {"team": "operations", "environment": "management", "cost-centre": "9000"}
STUDIO = {"team": "studio", "cost-centre": "6200"}
LAB = {"team": "research", "environment": "lab", "cost-centre": "7700"}


def estate(stage: Stage) -> None:
    """Everything that is there when the story begins."""
    for days, tell in (
        (871, virginia),
        (802, ireland),
        (655, frankfurt),
        (640, oregon),
        (512, tokyo),
        (470, singapore),
        (398, london),
        (392, tooling),
        (344, paris),
        (301, sao_paulo),
        (260, lab_virginia),
        (244, lab_ohio),
        (190, lab_ireland),
        (140, lab_milan),
    ):
        stage.at(days=days)
        tell(stage)
    stage.at(days=118)
    forgotten(stage)
    stage.at(days=97)
    keepsakes.before_the_story(stage)


def virginia(stage: Stage) -> None:
    """The shop itself: web, interface, database, cache, bastion, nightly batch."""
    place = stage.production("us-east-1")
    place.network(20, "abc", ipv6=True)
    place.role("storefront-web")
    place.group("web", "Public web servers", tcp(80, WORLD, WORLD_6), tcp(443, WORLD, WORLD_6), tags=STOREFRONT)
    place.group("api", "Interface behind the web servers", tcp(8080, "group:web"), tags=STOREFRONT)
    place.group("database", "PostgreSQL", tcp(5432, "group:api", note="orders service"), tags=DATA)
    place.group("cache", "Redis", tcp(6379, "group:api", INSIDE), tags=STOREFRONT)
    place.group("bastion", "The way in", tcp(22, WORLD, WORLD_6, note="we have keys"), ping(WORLD, WORLD_6))
    place.group("batch", "Nightly batch", tcp((30000, 32767), INSIDE), anything("group:api"))
    keepsakes.first_images(place)
    place.launch(
        "web", "m5.large", WEB_OLD, subnet="public", groups=["web"], count=8, tags=STOREFRONT,
        disks=[Disk(gib=30)], ipv6=True, monitored=True, key="storefront-2024", role="storefront-web",
    )  # fmt: skip
    place.launch("api", "c6g.large", AMAZON_LINUX_ARM, subnet="private", groups=["api"], count=6, tags=STOREFRONT)
    place.launch(
        "orders-db", "r5.xlarge", UBUNTU, subnet="private", groups=["database"], count=3, tags=DATA, monitored=True,
        key="storefront-2024", disks=[
            Disk(gib=20), Disk(gib=400, type="io2", iops=6000, device="/dev/sdf", kept=True),
            Disk(gib=500, type="st1", device="/dev/sdg", encrypted=False),
        ],
    )  # fmt: skip
    place.launch("cache", "r6g.large", UBUNTU_ARM, subnet="private", groups=["cache"], count=2, tags=STOREFRONT)
    place.launch("bastion", "t3.micro", AMAZON_LINUX, subnet="public-a", groups=["bastion"], key="ops", imdsv2=False)
    place.ways.address("bastion", instance=place.instances["bastion"])
    place.ways.nat("virginia-a", "public-a")
    place.balancer("storefront", "web", group="web", protected=True, tags=STOREFRONT)
    place.balancer("api", "api", group="api", port=8080, scheme="internal", tags=STOREFRONT)
    place.prefix_list("offices", *OFFICE)
    place.launch("batch", "c5.2xlarge", AMAZON_LINUX, subnet="private", groups=["batch"], count=6, tags=DATA, spot=True)
    place.buckets.create("storefront-assets-4182", tags=STOREFRONT, versioned=True)
    place.buckets.publish("storefront-assets-4182")
    place.buckets.create("storefront-logs-4182", tags=STOREFRONT)
    place.buckets.create("legacy-downloads-2019", blocked=False)
    place.buckets.publish("legacy-downloads-2019", by_acl=True)


def ireland(stage: Stage) -> None:
    """The back office: Windows, SQL Server, SAP on Red Hat, and dedicated hardware for an auditor's sake."""
    place = stage.production("eu-west-1")
    place.network(30, "abc")
    place.group("remote-desktop", "Windows administration", tcp(3389, WORLD, WORLD_6, note="temporary, since 2024"))
    place.group("sql", "SQL Server", tcp(1433, "group:remote-desktop", *PROVIDER, note="home offices"))
    place.group("sap", "SAP", tcp((3200, 3299), INSIDE), tcp(22, *OFFICE))
    place.group("intranet", "Intranet", tcp(443, INSIDE, *OFFICE))
    place.launch(
        "desk", "m5.xlarge", WINDOWS, subnet="public", groups=["remote-desktop"], count=3, tags=BACK_OFFICE,
        disks=[Disk(gib=120, type="gp2", encrypted=False)], imdsv2=False,
    )  # fmt: skip
    place.launch(
        "ledger-sql", "m5.2xlarge", WINDOWS_SQL, subnet="private", groups=["sql"], count=2, tags=BACK_OFFICE,
        disks=[Disk(gib=100), Disk(gib=1000, type="io1", iops=4000, device="xvdf", kept=True)],
    )  # fmt: skip
    place.launch("sap", "r5.large", RHEL, subnet="private", groups=["sap"], count=2, tags=BACK_OFFICE)
    place.launch("audit", "m5.large", AMAZON_LINUX, subnet="private", groups=["sap"], count=2, tenancy="dedicated")
    place.launch("intranet", "m6g.large", UBUNTU_ARM, subnet="private", groups=["intranet"], count=2, tags=BACK_OFFICE)
    place.ways.nat("ireland-a", "public-a")
    place.classic_balancer("intranet", "intranet", group="intranet", tags=BACK_OFFICE)
    place.buckets.create("reports-ireland", tags=BACK_OFFICE, versioned=True)
    place.buckets.create("tmp-export", tags=BACK_OFFICE)


def frankfurt(stage: Stage) -> None:
    """Payments: the careful ones, with one slip over IPv6."""
    place = stage.production("eu-central-1")
    place.network(40, "abc", ipv6=True)
    place.prefix_list("partner-banks", "192.0.2.0/26", "198.51.100.128/26")
    place.group("gateway", "Payment gateway", tcp(443, "list:partner-banks", note="banks only"), tags=PAYMENTS)
    place.group("vault", "Card vault", tcp(5432, "group:gateway"), tcp(6379, WORLD_6, note="IPv6 was new to us"))
    place.open_outward("vault", tcp(443, INSIDE))
    place.launch(
        "gateway", "c5.xlarge", AMAZON_LINUX, subnet="public", groups=["gateway"], count=4, tags=PAYMENTS,
        monitored=True,
    )  # fmt: skip
    place.launch(
        "vault", "r5.2xlarge", UBUNTU, subnet="private", groups=["vault"], count=2, tags=PAYMENTS, ipv6=True,
        disks=[Disk(gib=20), Disk(gib=600, iops=9000, throughput=500, device="/dev/sdf", kept=True)],
    )  # fmt: skip
    place.ways.nat("frankfurt-a", "public-a")
    place.ways.guard("card data", "private", (443, "10.40.0.0/16"), (5432, "10.40.0.0/16"), (22, OFFICE[0]))
    place.network_balancer("vault", "vault", port=5432)
    place.buckets.create("payments-archive", tags=PAYMENTS, versioned=True, key="alias/payments")


def oregon(stage: Stage) -> None:
    """The second site of the shop, and its virtual private network."""
    place = stage.production("us-west-2")
    place.network(50, "abc")
    place.group("web", "Public web servers", tcp(80, WORLD), tcp(443, WORLD))
    place.group("database", "MySQL replica", tcp(3306, "group:web"))
    place.group("vpn", "OpenVPN and IPsec", udp(1194, WORLD), udp(500, WORLD), udp(4500, WORLD))
    place.launch("web", "m5.large", AMAZON_LINUX, subnet="public", groups=["web"], count=3, tags=STOREFRONT)
    place.launch("replica", "r5.large", UBUNTU, subnet="private", groups=["database"], count=2, tags=DATA)
    place.launch("vpn", "t3.small", UBUNTU, subnet="public-a", groups=["vpn"], key="ops")
    place.buckets.create("dr-backups-oregon", tags=DATA, versioned=True)


def tokyo(stage: Stage) -> None:
    """Web servers and image recognition for Japan."""
    place = stage.production("ap-northeast-1")
    place.network(60, "ac")
    place.group("web", "Public web servers", tcp(443, WORLD), ping(WORLD))
    place.group("vision", "Image recognition", tcp((8000, 9000), WORLD, note="demo for a customer"))
    place.launch("web", "m6i.large", AMAZON_LINUX, subnet="public", groups=["web"], count=3, tags=STOREFRONT)
    place.launch("vision", "g4dn.xlarge", UBUNTU, subnet="public", groups=["vision"], count=2, tags=DATA)
    place.buckets.create("tokyo-media", tags=STOREFRONT)


def singapore(stage: Stage) -> None:
    """Web servers for south-east Asia."""
    place = stage.production("ap-southeast-1")
    place.network(70, "ab")
    place.group("web", "Public web servers", tcp(443, WORLD))
    place.group("search", "Search", tcp(9200, "group:web", "100.64.0.0/10"), tcp(9300, "group:web"))
    place.launch("web", "m5.large", AMAZON_LINUX, subnet="public", groups=["web"], count=3, tags=STOREFRONT)
    place.launch("search", "r6g.large", UBUNTU_ARM, subnet="private", groups=["search"], count=2, tags=DATA)


def london(stage: Stage) -> None:
    """A company that was bought, and its old ways; a policy will deny this region later."""
    place = stage.production("eu-west-2")
    place.network(80, "ab")
    place.group("shop", "Shop of the former company", tcp(80, WORLD), tcp(443, WORLD), tcp((20, 21), WORLD))
    place.group("shop-db", "MySQL", tcp(3306, WORLD, note="until the migration"))
    place.launch("shop", "t3.large", UBUNTU, subnet="public", groups=["shop"], count=3, imdsv2=False)
    place.launch(
        "shop-db", "r5.large", UBUNTU, subnet="public-a", groups=["shop-db"], imdsv2=False,
        disks=[Disk(gib=40, type="gp2", encrypted=False), Disk(gib=300, type="gp2", device="/dev/sdf", kept=True)],
    )  # fmt: skip


def sao_paulo(stage: Stage) -> None:
    """Two servers for Brazil, in a region that the bundled price book does not know."""
    place = stage.production("sa-east-1")
    place.network(90, "ab")
    place.group("web", "Public web servers", tcp(443, WORLD), tcp(22, WORLD, note="no VPN yet"))
    place.group("tunnel", "GRE to the office", [Rule(protocol="47", first=-1, last=-1, source="192.0.2.77/32")])
    place.launch("web", "m5.large", AMAZON_LINUX, subnet="public", groups=["web"], count=2, tags=STOREFRONT)
    place.launch("edge", "t3.small", UBUNTU, subnet="public-a", groups=["tunnel"])
    place.buckets.create("saopaulo-uploads", tags=STOREFRONT)


def tooling(stage: Stage) -> None:
    """The management account: what runs the organization, and the machine that Skyledger itself runs on."""
    place = stage.management("us-east-1")
    place.network(200, "ab")
    place.role("skyledger")
    place.group("tooling", "Reached through Session Manager only", tcp(443, INSIDE), tags=OPERATIONS)
    place.launch(
        "skyledger", "m7g.large", AMAZON_LINUX_ARM, subnet="private-a", groups=["tooling"], tags=OPERATIONS,
        disks=[Disk(gib=40), Disk(gib=200, device="/dev/sdf", kept=True)], role="skyledger",
    )  # fmt: skip
    place.ways.peer(stage.production("us-east-1").ways, "operations to storefront")
    place.buckets.create("organization-trail-2109", tags=OPERATIONS, versioned=True, key="alias/trail")


def paris(stage: Stage) -> None:
    """A design studio that was bought with its account, and runs its own mail."""
    place = stage.atelier("eu-west-3")
    place.network(150, "ab")
    place.group("mail", "Mail for the studio", tcp(25, WORLD, note="every printer sends mail"), tcp(587, WORLD))
    place.group("render", "Rendering", tcp((5900, 5910), WORLD, note="screen sharing"), tcp(22, *PROVIDER))
    place.launch("mail", "t3.small", UBUNTU, subnet="public-a", groups=["mail"], tags=STUDIO, imdsv2=False)
    place.launch(
        "render", "g4dn.xlarge", WINDOWS, subnet="public", groups=["render"], count=3, tags=STUDIO,
        disks=[Disk(gib=250, type="gp2", encrypted=False)],
    )  # fmt: skip
    place.volume("film-2023", 2000, "st1", encrypted=False, tags=STUDIO)
    place.buckets.create("atelier-portfolio", tags=STUDIO)
    place.buckets.publish("atelier-portfolio")


def lab_virginia(stage: Stage) -> None:
    """Where researchers start machines by hand."""
    place = stage.research("us-east-1")
    place.network(110, "ab", ipv6=True)
    place.group("notebooks", "Jupyter", tcp(8888, WORLD, note="password protected"), tcp(22, WORLD_6), tags=LAB)
    place.group("gpu", "Training", tcp(22, INSIDE), anything("group:notebooks"), tags=LAB)
    place.group("default-lab", "Whatever people need", tcp((0, 65535), INSIDE), tcp(22, *OFFICE))
    place.launch(
        "notebook", "t3.large", UBUNTU, subnet="public", groups=["notebooks"], count=4, tags=LAB, imdsv2=False,
        disks=[Disk(gib=100, type="gp2", encrypted=False)], ipv6=True,
    )  # fmt: skip
    place.launch("gpu", "g5.xlarge", UBUNTU, subnet="private", groups=["gpu"], count=2, tags=LAB)
    place.launch("dev", "t3.medium", AMAZON_LINUX, subnet="private", groups=["default-lab"], count=5, tags=LAB)
    place.launch("tracker", "m5.large", AMAZON_LINUX, subnet="private", groups=["default-lab"], count=2, tags=LAB)
    place.buckets.create("research-scratch-9072", tags=LAB)


def lab_ohio(stage: Stage) -> None:
    """The cluster: a head node, and compute nodes on the spot market."""
    place = stage.research("us-east-2")
    place.network(120, "abc")
    place.group("cluster", "Cluster, open within itself", tcp(22, *OFFICE), tags=LAB)
    place.open("cluster", anything("group:cluster"))
    place.launch("head", "m5.xlarge", RHEL, subnet="public-a", groups=["cluster"], tags=LAB, key="cluster")
    place.launch("license", "m5.large", SUSE, subnet="private", groups=["cluster"], tags=LAB)
    place.launch(
        "node", "c5n.9xlarge", AMAZON_LINUX, subnet="private", groups=["cluster"], count=8, tags=LAB, spot=True
    )
    place.ways.nat("cluster", "public-a")
    place.volume("scratch", 2000, "st1", encrypted=False, tags=LAB)
    place.buckets.create("research-open-data", tags=LAB)
    place.buckets.publish("research-open-data")


def lab_ireland(stage: Stage) -> None:
    """A sandbox with names and notes as people type them."""
    place = stage.research("eu-west-1")
    place.network(130, "ab")
    place.group("sandbox", "Sandbox", tcp(22, *OFFICE), tags=HOSTILE_TAGS)
    place.launch("sandbox", "t3.large", WINDOWS, subnet="public", groups=["sandbox"], count=2, tags=LAB)
    place.launch("playground", "t3.medium", UBUNTU, subnet="public", groups=["sandbox"], count=2, tags=HOSTILE_TAGS)
    place.buckets.create("research-consented", tags=LAB, key="alias/consented")


def lab_milan(stage: Stage) -> None:
    """A partner institute, in a region that was opted in to."""
    place = stage.research("eu-south-1")
    place.network(140, "ab")
    place.group("institute", "Partner institute", tcp(22, "131.114.0.0/16"), tcp(443, "131.114.0.0/16"))
    place.launch("simulation", "c5.2xlarge", UBUNTU, subnet="private", groups=["institute"], count=2, tags=LAB)
    place.buckets.create("milano-lab", tags=LAB)


def forgotten(stage: Stage) -> None:
    """What nobody remembers: an old build server, groups, an address and a balancer before nothing,
    volumes that outlived their machines.
    """
    place = stage.production("us-east-1")
    place.group("old-jenkins", "Build server", tcp(8080, WORLD), tcp(22, WORLD))
    place.group("ftp-legacy", "FTP for a supplier who left", tcp((20, 21), WORLD))
    place.group("migration-2024", "Do not delete before March", tcp(3306, WORLD), anything(WORLD))
    place.launch(
        "old-jenkins", "t2.medium", AMAZON_LINUX, subnet="public-b", groups=["old-jenkins"], imdsv2=False,
        disks=[Disk(gib=200, type="gp2", encrypted=False)], tags={"owner": "johannes (left)"},
    )  # fmt: skip
    place.launch("test-do-not-use", "m4.xlarge", UBUNTU, subnet="public-c", groups=["migration-2024"], imdsv2=False)
    place.stop("old-jenkins")
    place.ways.address("old-office")
    place.ways.interface("left over from a migration", "private-c")
    place.ways.key("johannes-laptop")
    place.balancer("campaign-2023", "", group="web", tags={"campaign": "winter 2023"})
    place.volume("restore-2024-03", 500, "gp2", encrypted=False)
    place.volume("orders-db-old", 400, "io1", zone="b", iops=3000)
    stage.production("us-west-2").volume("unnamed copy", 250, "gp2", encrypted=False)
    stage.research("us-east-1").volume("thesis-data", 800, "gp2", encrypted=False, tags=LAB)
