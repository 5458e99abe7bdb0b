"""Queries that the engine answers slowly, rewritten into ones that it answers sooner."""
