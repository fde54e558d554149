"""All benchmarks, one after the other, each into its section of a page in ``docs/``."""

from benchmarks import start
from benchmarks.capacity import capacity
from benchmarks.messages import sending
from benchmarks.millions import imports, recipients
from benchmarks.pages import console
from benchmarks.turns import durability, growth, served, turn, turn_parts

turn.main()
turn_parts.main()
durability.main()
served.main()
imports.main()
recipients.main()
sending.main()
start.main()
capacity.main()
growth.main()
console.main()
