"""Taking snapshots: plan, collect, compare, record, reconcile.

An account is due; a snapshot plans one visit for each region and type; a worker claims a visit, lists at AWS, compares
each item with the open revision while the pages stream in, and publishes in one short transaction. The visit that
finishes last completes the snapshot. What is due, claimed and done stands in the database only.
"""
