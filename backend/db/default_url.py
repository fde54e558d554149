"""Where the records are when nobody says where; of itself, so that no help text and no menu waits
for the database's library.
"""

DEFAULT_URL = "sqlite:///var/zoldszam.db"
