"""All benchmarks, one after the other, each into its section of a page in ``docs/``."""

from benchmarks import (
    capacity,
    console,
    durability,
    growth,
    imports,
    recipients,
    sending,
    served,
    start,
    turn,
    turn_parts,
)

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
