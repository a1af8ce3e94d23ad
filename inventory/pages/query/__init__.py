"""The query language over all types: its grammar, what it means as conditions of lists, its page and saved views."""
