"""The server's own log (granian) as JSON: its configuration file."""

from pathlib import Path

SERVER_CONFIG = Path(__file__).with_name("server_log.json")
