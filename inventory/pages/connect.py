"""How to connect to an instance, and why each way would fail, as far as the ledger knows.

Nothing is tried: reasons follow from the state, the addresses, the rules of the security groups, the key pair and the
instance profile. What is not known is said to be unknown. Routes, network ACLs and firewalls on the instance are not
looked at here.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Q

from inventory.exposure.ledger import rules_at, wide_setting
from inventory.exposure.openings import Opening, openings
from inventory.exposure.rules import EVERY_PROTOCOL, INBOUND
from inventory.history import ResourceRevision
from inventory.models import Freshness, Link, Resource
from inventory.pages.extensions import Panel
from inventory.pages.login_names import LoginNames, login_names
from inventory.resource_types.ec2_instance import EC2_INSTANCE, Ec2Instance
from inventory.resource_types.security_group_rule import SECURITY_GROUP_RULE

SSH, RDP = 22, 3389
IMAGE_TYPE = "image"
"""The slug under which images are kept, if they are collected."""
MOST_SOURCES = 3
HARMLESS = re.compile(r"[\w.@+][\w .@+-]*")


class Weight(StrEnum):
    """What a reason does to a way."""

    FAILS = "fails"
    UNKNOWN = "unknown"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a way fails, or may fail."""

    weight: Weight
    words: str


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way in: what to type, and what stands against it."""

    name: str
    about: str
    lines: Sequence[str]
    reasons: Sequence[Reason]

    @property
    def fails(self) -> bool:
        """Whether it cannot work as things stand."""
        return any(one.weight is Weight.FAILS for one in self.reasons)

    @property
    def is_unknown(self) -> bool:
        """Whether nobody can say."""
        return not self.fails and any(one.weight is Weight.UNKNOWN for one in self.reasons)


@dataclass(frozen=True, kw_only=True)
class Connect:
    """Every way into one instance."""

    users: LoginNames
    is_windows: bool
    ways: Sequence[Way]


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What the ledger knows of the instance at the moment."""

    resource: Resource
    revision: Ec2Instance
    users: LoginNames
    openings: Sequence[Opening] | None
    """What its groups let in; None: its groups or their rules were never read."""

    @property
    def region(self) -> str:
        """Where commands have to look for it."""
        return self.revision.region or "REGION"

    @property
    def address(self) -> str:
        """What a client outside connects to; a placeholder where it has no public address."""
        return self.revision.public_ipv4 or "ADDRESS"

    @property
    def key_file(self) -> str:
        """The file that the key pair was saved as, without its ending; the owner may have called it otherwise.

        People paste these lines into a shell, so a name that means something to one is left out.
        """
        name = self.revision.key_name or ""
        return name if HARMLESS.fullmatch(name) else "KEY"


def connect_panel() -> Panel:
    """The panel on an instance's detail page."""
    return Panel(type=EC2_INSTANCE.slug, template="inventory/_connect.html", gather=gather)


def gather(resource: Resource, revision: ResourceRevision, when: datetime | None) -> Connect | None:
    """Every way into it at the moment (None = now); None for an instance that is terminated."""
    if not isinstance(revision, Ec2Instance) or revision.state in ("terminated", "shutting-down"):
        return None
    facts = _Facts(
        resource=resource,
        revision=revision,
        users=login_names(_image_name(resource, revision), revision.operating_system),
        openings=_openings(resource, revision, when),
    )
    is_windows = facts.users.likeliest == "Administrator"
    direct = _windows_ways(facts) if is_windows else _ssh_ways(facts)
    return Connect(users=facts.users, is_windows=is_windows, ways=[*direct, *_session_ways(facts, is_windows)])


def _image_name(resource: Resource, revision: Ec2Instance) -> str:
    images = Resource.objects.filter(
        account=resource.account_id,
        type=IMAGE_TYPE,
        native_id=revision.image_id or "",
        scope_region=revision.region or "",
    )
    return images.values_list("current_name", flat=True).first() or ""


def _openings(resource: Resource, revision: Ec2Instance, when: datetime | None) -> list[Opening] | None:
    if revision.was_never_read("security_groups"):
        return None
    read = Freshness.objects.filter(
        account=resource.account_id, type=SECURITY_GROUP_RULE.slug, scope_region=resource.scope_region
    )
    if when is not None:
        read = read.filter(first_complete_at__lte=when)
    if not read.filter(first_complete_at__isnull=False).exists():
        return None
    links = Link.objects.as_of(when).filter(resource=resource, role="security_groups")
    groups = list(links.values_list("target", flat=True))
    here = Q(account=resource.account_id, region=revision.region, group_id__in=groups, direction=INBOUND)
    found = rules_at(here, when, {resource.account_id: resource.account})
    return [opening for rules in found.values() for opening in openings(rules, wide_setting())]


# --- the ways ---------------------------------------------------------------------------------------------------------


def _ssh_ways(facts: _Facts) -> Iterator[Way]:
    user, key = facts.users.likeliest, facts.key_file
    at = f"{user}@{facts.address}"
    reasons = [*_state(facts), *_address(facts), *_port(facts, SSH), *_key(facts)]
    yield Way(
        name="SSH",
        about="OpenSSH, as Linux, macOS and Windows 10 or newer have it",
        lines=[f"chmod 400 {shlex.quote(key + '.pem')}", f"ssh -i {shlex.quote(key + '.pem')} {at}"],
        reasons=reasons,
    )
    yield Way(
        name="PuTTY",
        about="older Windows; PuTTYgen makes a .ppk of the .pem",
        lines=[f'putty -ssh -i "{key}.ppk" {at}'],
        reasons=reasons,
    )
    ours = f"--instance-id {facts.resource.native_id} --os-user {user} --region {facts.region}"
    about = "a key for a minute, pushed by AWS: no key file is needed"
    if facts.revision.public_ipv4:
        lines = [f"aws ec2-instance-connect ssh {ours}"]
        against = [*_state(facts), *_port(facts, SSH)]
    else:
        lines = [f"aws ec2-instance-connect ssh {ours} --connection-type eice"]
        endpoint = (
            "It has no public address, so it takes an EC2 Instance Connect Endpoint in its VPC. Those are not read."
        )
        against = [*_state(facts), Reason(weight=Weight.UNKNOWN, words=endpoint), *_port(facts, SSH)]
    note = "Amazon Linux and Ubuntu images have its agent; others need the package ec2-instance-connect."
    yield Way(
        name="EC2 Instance Connect",
        about=about,
        lines=lines,
        reasons=[*against, Reason(weight=Weight.NOTE, words=note)],
    )


def _windows_ways(facts: _Facts) -> Iterator[Way]:
    password = (
        f"aws ec2 get-password-data --instance-id {facts.resource.native_id} --region {facts.region} "
        f"--priv-launch-key {shlex.quote(facts.key_file + '.pem')}"
    )
    yield Way(
        name="Remote Desktop",
        about="the password of Administrator is decrypted with the key pair",
        lines=[password, f"mstsc /v:{facts.address}"],
        reasons=[*_state(facts), *_address(facts), *_port(facts, RDP), *_key(facts)],
    )


def _session_ways(facts: _Facts, is_windows: bool) -> Iterator[Way]:
    start = f"aws ssm start-session --target {facts.resource.native_id} --region {facts.region}"
    reasons = [*_state(facts), *_profile(facts), Reason(weight=Weight.NOTE, words=AGENT)]
    yield Way(
        name="Session Manager",
        about="needs neither a public address nor an open port nor a key",
        lines=[start],
        reasons=reasons,
    )
    remote, local = (RDP, 13389) if is_windows else (80, 8080)
    forward = f"--document-name AWS-StartPortForwardingSession --parameters portNumber={remote},localPortNumber={local}"
    yield Way(
        name="Port forwarding",
        about=f"port {remote} of the instance as port {local} of this machine, through Session Manager",
        lines=[f"{start} {forward}"],
        reasons=reasons,
    )


AGENT = (
    "The SSM agent must run on it and reach AWS by HTTPS: Amazon Linux, Ubuntu, macOS and Windows images have it. "
    "Whether it is registered is not read."
)


# --- what stands against them -----------------------------------------------------------------------------------------


def _state(facts: _Facts) -> Iterator[Reason]:
    state = facts.revision.state
    if facts.revision.was_never_read("state") or state is None:
        yield Reason(weight=Weight.UNKNOWN, words="Its state was never read.")
    elif state != "running":
        yield Reason(weight=Weight.FAILS, words=f"It is {state}: start it first.")


def _address(facts: _Facts) -> Iterator[Reason]:
    if facts.revision.public_ipv4 is None:
        private = f" from inside its network use {facts.revision.private_ipv4}" if facts.revision.private_ipv4 else ""
        words = f"It has no public IPv4 address: from the internet nothing reaches it;{private or ' a VPN might'}."
        yield Reason(weight=Weight.FAILS, words=words)


def _port(facts: _Facts, port: int) -> Iterator[Reason]:
    if facts.openings is None:
        words = f"Whether port {port} is let in is unknown: its security groups or their rules were never read."
        yield Reason(weight=Weight.UNKNOWN, words=words)
        return
    letting_in = [one for one in facts.openings if _reaches(one, port)]
    if not letting_in:
        words = f"No rule of its security groups lets port {port} in: the connection times out. A timeout is a "
        yield Reason(weight=Weight.FAILS, words=f"{words}security-group issue; “refused” would be the server's.")
        return
    sources = list(dict.fromkeys(source for one in letting_in for source in one.sources))
    if not {"0.0.0.0/0", "::/0"} & set(sources):
        named = ", ".join(sources[:MOST_SOURCES]) or "a source that was not read"
        more = f" and {len(sources) - MOST_SOURCES} more" if len(sources) > MOST_SOURCES else ""
        words = f"Port {port} is let in from {named}{more} only: from elsewhere the connection times out."
        yield Reason(weight=Weight.NOTE, words=words)


def _reaches(opening: Opening, port: int) -> bool:
    if opening.from_port is None or opening.to_port is None:
        return opening.protocol == EVERY_PROTOCOL
    return opening.protocol == "tcp" and opening.from_port <= port <= opening.to_port


def _key(facts: _Facts) -> Iterator[Reason]:
    if facts.revision.was_never_read("key_name"):
        yield Reason(weight=Weight.UNKNOWN, words="Whether it has a key pair was never read.")
    elif facts.revision.key_name is None:
        words = "It was launched without a key pair: no key of AWS's lets anybody in."
        yield Reason(weight=Weight.FAILS, words=words)


def _profile(facts: _Facts) -> Iterator[Reason]:
    if facts.revision.was_never_read("instance_profile"):
        yield Reason(weight=Weight.UNKNOWN, words="Whether it has an instance profile was never read.")
    elif facts.revision.instance_profile is None:
        words = (
            "It has no instance profile, so its agent may not speak to Systems Manager, unless the account switched on "
            "Default Host Management Configuration, which is not read."
        )
        yield Reason(weight=Weight.FAILS, words=words)
