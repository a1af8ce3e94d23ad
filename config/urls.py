"""Where each page lives."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

# One way in, with its limits, also for the admin site.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("sign_in.urls")),
    path("admin/", admin.site.urls),
    # Browsers ask for this wherever a page names no icon: the admin site, and raw JSON.
    path("favicon.ico", login_not_required(RedirectView.as_view(url=static("mark.svg")))),
    path("costs/", include("costs.urls")),
    path("", include("api.urls")),
    path("", include("people.urls")),
    path("", include("inventory.urls")),
]

# Says what to write instead of a value that an address cannot hold.
handler400 = "inventory.pages.scope.bad_request"
# Tells a database that is away from a fault of ours.
handler500 = "config.errors.server_error"
