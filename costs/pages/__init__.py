"""The pages of the costs, and what costs adds to the pages of the inventory."""
