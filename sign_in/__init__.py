"""Who may look: signing in, the one-time link, and the headers and error pages of every answer."""
