"""Reminders: campaigns through all their states, and their texts."""
