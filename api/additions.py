"""Operations that packages above this one add to the API: modules with an `add_to`, read when its addresses are."""

from __future__ import annotations

MODULES: list[str] = []
"""Their names. Each package adds its own when its app is ready; nothing is imported for commands that serve no page."""
