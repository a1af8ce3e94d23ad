"""ONE FILE PER RULE: what it looks at, why that matters and how to mend it. docs/findings.md says how to add one."""
