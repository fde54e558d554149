"""The web server of the processes: granian, requests buffered whole, threads, draining."""
