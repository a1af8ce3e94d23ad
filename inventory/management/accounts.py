"""What may be said of an account that is to be added: its name, its role, its regions. Anything else exits 2."""

from __future__ import annotations

import re

from django.core.management.base import CommandError

from inventory.aws.organizations import UNIT
from inventory.management.choices import USAGE, chosen_region
from inventory.snapshots.way_in import EXTERNAL_ID, PROFILE, ROLE_ARN, is_name

ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)

SHORTEST_INTERVAL = 60


def check_name(name: str) -> None:
    """Refuse what is no name, and what could be taken for an account's id."""
    if not is_name(name):
        raise CommandError(
            "NAME takes up to 64 letters, digits, blanks, dots, underscores and hyphens, and not digits alone.",
            returncode=USAGE,
        )


def check_way_in(role_arn: str, external_id: str, profile: str) -> None:
    """Refuse what is no role, no external id, or no name of a profile."""
    if role_arn and not ROLE_ARN.fullmatch(role_arn):
        raise CommandError(
            f"{role_arn} is not the ARN of a role: write arn:aws:iam::123456789012:role/NAME.", returncode=USAGE
        )
    if external_id and not role_arn:
        raise CommandError("--external-id goes with --role-arn.", returncode=USAGE)
    if external_id and not EXTERNAL_ID.fullmatch(external_id):
        raise CommandError("An external id has 2 to 1224 letters, digits and any of +=,.@:/-_", returncode=USAGE)
    if profile and not PROFILE.fullmatch(profile):
        raise CommandError("--profile takes the name of a profile of the AWS configuration.", returncode=USAGE)


def check_role_name(name: str) -> None:
    """Refuse what is no name of a role, such as an ARN."""
    if not ROLE_NAME.fullmatch(name):
        raise CommandError(
            f"{name} is not the name of a role: write the part of its ARN after role/, such as SkyledgerReadOnly.",
            returncode=USAGE,
        )


def check_units(ids: list[str]) -> None:
    """Refuse what is no id of an organizational unit or of a root."""
    for one in ids:
        if not UNIT.fullmatch(one):
            raise CommandError(
                f"{one} is not the id of a unit: write ou-abcd-12345678, or r-abcd for the root.", returncode=USAGE
            )


def chosen_interval(text: str | None) -> int | None:
    """The seconds between two snapshots; None for what the settings say."""
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) >= SHORTEST_INTERVAL):
        raise CommandError(
            f"--interval takes whole seconds, at least {SHORTEST_INTERVAL}: write 3600 for an hour.", returncode=USAGE
        )
    return int(text)


def chosen_regions(text: str) -> list[str]:
    """The regions of a list that is separated by commas, sorted, each once; botocore must know them."""
    return sorted({name.strip() for name in text.split(",") if name.strip() and chosen_region(name.strip())})
