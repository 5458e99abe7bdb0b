"""The SHACL engines: the reference, a fast one in a process of its own, and the choice between them."""
