"""One file for each AWS resource type; see docs/adding-a-resource-type.md."""
