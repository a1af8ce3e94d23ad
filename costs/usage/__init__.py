"""Which prices the resources of a type use: one file for each type."""
