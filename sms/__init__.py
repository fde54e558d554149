"""The SMS channel: gateway, error codes, webhooks and what people write back."""
