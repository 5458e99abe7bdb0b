"""Writes to a store: read, applied, checked, and kept as a new version."""
