"""What AWS billed: files read as streams, their charges added up, and our list-price estimate beside them."""
