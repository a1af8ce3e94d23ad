"""Readers of price documents: each turns a file into facts and knows no database."""
