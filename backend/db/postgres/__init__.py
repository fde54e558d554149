"""What PostgreSQL alone needs: its connections and prepared statements."""
