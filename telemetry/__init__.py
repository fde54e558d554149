"""What is seen of a process from outside: its log, its metrics and its traces."""
