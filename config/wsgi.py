"""The WSGI application that web servers load.

A process loads every page before it answers the first one, and sets all that apart from what requests leave behind.
Otherwise Python, whenever it looks for garbage, looks through some 200,000 objects that live as long as the process,
which takes a tenth of a second in the middle of a request.
"""

from __future__ import annotations

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.template.loader import get_template
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def _load_pages() -> None:
    """Import what every address leads to, and read every template."""
    _ = get_resolver().reverse_dict
    folder = settings.BASE_DIR / "templates"
    for path in sorted(folder.rglob("*.html")):
        get_template(path.relative_to(folder).as_posix())


application = get_wsgi_application()
_load_pages()
gc.collect()
gc.freeze()
