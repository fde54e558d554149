"""Stopping a number at once; the telephone does the same, so the work is the records'."""

from backend.stops import stop_number

__all__ = ["stop_number"]
