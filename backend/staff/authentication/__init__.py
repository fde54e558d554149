"""Who is who: passwords, second factors, passkeys, identity providers, sessions."""
