"""What holds for many callers for a time: outages, closed desks, extra reading windows."""
