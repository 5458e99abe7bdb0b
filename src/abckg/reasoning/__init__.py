"""What follows from the ontology, what contradicts it, and whether it keeps within OWL 2 RL."""
