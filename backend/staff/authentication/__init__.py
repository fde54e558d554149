"""Authentication of staff: passwords, second factors, passkeys, identity providers, sessions."""
