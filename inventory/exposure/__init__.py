"""Who can reach what: at present, what the rules of security groups open."""
