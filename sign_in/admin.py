"""What of signing in the admin site shows: users and groups as Django has them, with what is changed kept as decisions.

This product sends no e-mail, so allauth's own list of addresses stays empty; here "Accounts" are those of AWS. Clients
of providers stand in settings, because a secret has no place in the database, and tokens of providers are not kept.
What MFA stores is for the pages of its owner and for `deactivate_mfa`.
"""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth import admin as django_admin
from django.contrib.auth.models import Group, User

from audit.admin import Recorded

admin.site.unregister([EmailAddress, Authenticator, SocialApp, SocialToken, User, Group])


@admin.register(User)
class UserAdmin(Recorded, django_admin.UserAdmin):  # type: ignore[type-arg]
    """Users."""


@admin.register(Group)
class GroupAdmin(Recorded, django_admin.GroupAdmin):
    """Groups."""
