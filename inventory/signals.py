"""News that parts of the product listen to instead of importing each other."""

from __future__ import annotations

from django.dispatch import Signal

# Sent with visit_ids when visits were planned: a hint for the workers, which find them in the database without it too.
visits_planned = Signal()

# Sent with account_id when somebody wants to know what an account lets us do; a worker tries it.
check_wanted = Signal()

# Sent with snapshot_id and account_id after the last visit of a snapshot; at least once, so receivers are idempotent.
snapshot_completed = Signal()
