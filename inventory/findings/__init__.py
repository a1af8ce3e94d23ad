"""Findings: rules that look at what is in the accounts, one file each in `rules/`, and what became of their words."""
