"""What was decided about people, accounts and tokens: who, when, what, and about whom. Every package adds to it."""
