"""All benchmarks, one after the other, each into its section of ``docs/benchmarks.md``."""

from benchmarks import console, recipients, served, turn

turn.main()
served.main()
recipients.main()
console.main()
