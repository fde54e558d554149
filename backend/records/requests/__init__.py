"""What customers settled: recorded, replaced, handed to the utility's own systems."""
