"""Webhook guard: who may enter by a webhook, proved by the carrier's signature."""
