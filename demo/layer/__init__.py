"""Our thin WSGI layer before moto: it answers what moto lacks, mends what moto drops, and fails on request."""
