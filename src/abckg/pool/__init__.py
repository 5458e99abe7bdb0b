"""The store asked through query processes that can be ended."""
