"""What became of calls, and the requests made in them."""
