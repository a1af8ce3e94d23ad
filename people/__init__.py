"""People: who may sign in, and which accounts each of them sees."""
