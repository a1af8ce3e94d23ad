"""What the things in the inventory cost, and would cost under every other way of paying."""
