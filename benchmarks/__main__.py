"""All benchmarks, one after the other, each into its section of ``docs/benchmarks.md``."""

from benchmarks import console, imports, recipients, sending, served, turn

turn.main()
served.main()
imports.main()
recipients.main()
sending.main()
console.main()
