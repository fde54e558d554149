"""What SQLite alone needs: its connections, its log, its one writer."""
