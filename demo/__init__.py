"""The sample organisation and the AWS emulator that plays it; the product never imports this package."""
