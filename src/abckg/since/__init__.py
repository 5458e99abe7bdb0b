"""Validation of what a change can have broken, and nothing else.

Layer: imports the core below ``validate``.
"""
