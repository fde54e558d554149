"""Verifies the carrier's signature, buffers its requests and redacts what errors may report."""
