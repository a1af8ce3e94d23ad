"""What was committed to at AWS, and what becomes of it: applied, used, wasted, running out.

`owned` holds the values, `apply` lays commitments on what runs as AWS's bill does, `outcome` and `coverage` say what
that means, `ledger` reads both sides from the database.
"""
