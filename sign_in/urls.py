"""Where signing in lives.

Of allauth's pages only those that need no e-mail are here: this product sends none. A forgotten password is replaced
through a one-time link, from the command line or from whoever manages people.
"""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.urls import path

from sign_in.invitation import invitation
from sign_in.oidc_views import from_provider, to_provider
from sign_in.views import SetUpAppView, leave_sign_in, sign_in_link

urlpatterns = [
    path("sign-in/<str:token>/", sign_in_link, name="sign-in-link"),
    path("invitation/<str:token>/", invitation, name="invitation"),
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("accounts/password/set/", account.password_set, name="account_set_password"),
    path("accounts/password/change/", account.password_change, name="account_change_password"),
    path("accounts/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/mfa/", mfa.authenticate, name="mfa_authenticate"),
    path("accounts/mfa/leave/", leave_sign_in, name="leave-sign-in"),
    path("accounts/mfa/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("accounts/oidc/login/", to_provider, name="oidc-login"),
    path("accounts/oidc/callback/", from_provider, name="oidc-callback"),
    path("settings/mfa/", mfa.index, name="mfa_index"),
    path("settings/mfa/app/", SetUpAppView.as_view(), name="mfa_activate_totp"),
    path("settings/mfa/app/off/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("settings/mfa/codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("settings/mfa/codes/new/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
]
