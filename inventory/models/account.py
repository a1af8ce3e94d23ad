"""AWS accounts, and who may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, Group
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from inventory.registry import COST_EXPLORER, USER_DATA

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

USABLE_REGION_STATES = frozenset({"opt-in-not-required", "opted-in"})


class AccountQuerySet(models.QuerySet["Account"]):
    """Accounts by who asks and by name."""

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Every account for a superuser, else those granted to the user or to one of the user's groups."""
        if getattr(user, "is_superuser", False) and user.is_active:
            return self.all()
        if not user.is_authenticated or not user.is_active:
            return self.none()
        granted = AccountGrant.objects.filter(Q(user=user.pk) | Q(group__user=user.pk)).values("account")
        return self.filter(pk__in=granted)

    def live(self) -> Self:
        """Accounts that do not count as gone."""
        return self.filter(archived_at__isnull=True)

    def collecting(self) -> Self:
        """Accounts of which snapshots are taken: neither archived nor paused."""
        return self.live().filter(paused_at__isnull=True)

    def called(self, name_or_id: str) -> Account:
        """The account of that name or 12-digit id; Account.DoesNotExist if there is none."""
        return self.get(Q(name=name_or_id) | Q(account_id=name_or_id))


class Organization(models.Model):
    """An AWS organization whose member accounts we add, read through its management account or a delegated one."""

    organization_id = models.CharField(max_length=34, unique=True, help_text="As DescribeOrganization answers: o-...")
    reader = models.OneToOneField(
        "inventory.Account",
        on_delete=models.PROTECT,
        related_name="reads_organization",
        help_text="The account whose credentials list the members.",
    )
    member_role = models.CharField(max_length=64, help_text="The role to assume in each member, by its name.")
    include_units = models.JSONField(
        default=list, blank=True, help_text="Ids of units (ou-..., r-...) to take members from; empty means all."
    )
    exclude_units = models.JSONField(default=list, blank=True, help_text="Ids of units whose members are left out.")
    read_at = models.DateTimeField(null=True, help_text="When its members were last listed completely.")
    next_due_at = models.DateTimeField(null=True, help_text="NULL means at the next tick.")
    failing_since = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, default="", help_text="Why it could not be read, and what to do.")

    def __str__(self) -> str:
        return self.organization_id


class Account(models.Model):
    """One AWS account, known by the 12-digit id that GetCallerIdentity answered when it was added.

    It is reached by a role, by a named profile, by a role from a profile, or by the host's own credentials. There is
    no column for an access key.
    """

    name = models.CharField(max_length=64, unique=True)
    account_id = models.CharField(
        max_length=12, unique=True, null=True, validators=[RegexValidator(r"^\d{12}$")], help_text="NULL while pending."
    )
    role_arn = models.CharField(max_length=2048, blank=True, default="")
    external_id = models.CharField(max_length=1224, blank=True, default="")
    profile = models.CharField(
        max_length=128, blank=True, default="", help_text="A profile of the host's AWS configuration; empty: its chain."
    )
    pending_because = models.TextField(
        blank=True, default="", help_text="Why its identity could not be confirmed yet, and what to do."
    )
    check_result = models.JSONField(
        null=True, help_text="How each IAM action was last answered; NULL means never checked."
    )
    checked_at = models.DateTimeField(null=True)
    organization = models.ForeignKey(Organization, on_delete=models.SET_NULL, null=True, related_name="members")
    unit_path = models.CharField(
        max_length=1024, blank=True, default="", help_text="Its units' names from the root: Root/Workloads/Production."
    )
    only_regions = models.JSONField(
        default=list, blank=True, help_text="Regions to visit; empty means every enabled one."
    )
    region_states = models.JSONField(
        default=dict, help_text="Opt-in state of each region, as DescribeRegions last answered."
    )
    regions_read_at = models.DateTimeField(null=True)
    interval_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="Seconds between snapshots; empty means the SNAPSHOT_INTERVAL setting."
    )
    next_due_at = models.DateTimeField(null=True, help_text="NULL means at the next tick.")
    collects_user_data = models.BooleanField(
        default=False, help_text="Whether DescribeInstanceAttribute is asked for boot scripts, which may hold secrets."
    )
    asks_cost_explorer = models.BooleanField(
        default=False, help_text="Whether Cost Explorer is asked what was billed, for which AWS bills USD 0.01 a page."
    )
    paused_at = models.DateTimeField(null=True, help_text="Since when nothing is collected, by somebody's choice.")
    archived_at = models.DateTimeField(null=True, help_text="Since when it counts as gone: its rows stay, dated.")
    archived_because = models.TextField(blank=True, default="")
    history_from = models.DateTimeField(null=True, help_text="Before this moment its history was pruned.")
    added_at = models.DateTimeField(auto_now_add=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_pending(self) -> bool:
        """Whether its identity was never confirmed, so that nothing is collected yet."""
        return self.account_id is None

    @property
    def is_archived(self) -> bool:
        """Whether it counts as gone: nothing is collected, and it is not shown as live."""
        return self.archived_at is not None

    @property
    def enabled_regions(self) -> list[str]:
        """The regions that it can use, as DescribeRegions last answered, sorted."""
        return sorted(name for name, state in self.region_states.items() if state in USABLE_REGION_STATES)

    @property
    def switches(self) -> frozenset[str]:
        """What its operator switched on beyond the ordinary; `registry.Ask.switch` names one of them."""
        chosen = {USER_DATA: self.collects_user_data, COST_EXPLORER: self.asks_cost_explorer}
        return frozenset(switch for switch, is_on in chosen.items() if is_on)

    @property
    def regions(self) -> list[str]:
        """The regions that its snapshots visit."""
        if self.only_regions:
            return list(self.only_regions)
        return self.enabled_regions


class AccountGrant(models.Model):
    """One account shown to one user or to one group."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="grants")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "user"], name="grant_once_per_user"),
            models.UniqueConstraint(fields=["account", "group"], name="grant_once_per_group"),
            models.CheckConstraint(
                condition=Q(user__isnull=False, group__isnull=True) | Q(user__isnull=True, group__isnull=False),
                name="grant_to_user_or_group",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} for {self.user or self.group}"
