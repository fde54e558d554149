"""The process that reads a file of recipients begins fast."""

import subprocess
import sys

from messages.campaigns.recipients.file_columns import NAME

LOADED = """
import sys
from pkgutil import resolve_name

import backend.reading_process

resolve_name(sys.argv[1])
print(*sys.modules)
"""


def test_the_reading_process_of_recipients_loads_no_database_library() -> None:
    command = [sys.executable, "-c", LOADED, NAME]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert NAME.partition(":")[0] in loaded
    assert not loaded & {"sqlalchemy", "psycopg", "phonenumbers"}
