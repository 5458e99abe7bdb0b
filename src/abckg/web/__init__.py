"""The server: a SPARQL endpoint, linked data and pages over one store; ``application`` puts it together."""
