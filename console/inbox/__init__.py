"""What customers wrote back, and the suppression list."""
