"""The people app."""

from __future__ import annotations

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Users, groups and grants, for operators."""

    name = "people"

    def ready(self) -> None:
        """Stand in the navigation, and in the API."""
        from api.additions import MODULES
        from inventory.pages.extensions import MenuEntry, extensions

        extensions.menu.append(
            MenuEntry(label="People", url_name="people", icon="users", key="u", is_for_operators=True)
        )
        MODULES.append("people.operations")
