"""Colleagues: logging in, one's own account."""
