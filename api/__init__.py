"""The API at /api/: what the pages show, as typed JSON for programs, and the tokens by which they ask."""
