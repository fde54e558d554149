"""Telling other systems of events: subscriptions, signed messages, and their delivery."""
