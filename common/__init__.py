"""What several rooms use and that knows none of them: pure, without clock, records or network."""
