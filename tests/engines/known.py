"""The faults of the engines that are known, by test; docs/engines.md says more of each.

A test listed here must fail: a fault that is gone is taken off the list, and out of ``abckg.shacl.limits`` where it
stands there.
"""

from __future__ import annotations

REFERENCE = {
    "sparql/pre-binding/shapesGraph-001": "pySHACL refuses $shapesGraph, which SHACL lets an engine do",
    "decimal-exponent": "rdflib takes 1e3 for a decimal",
    "ill-typed-year": "rdflib knows no xsd:gYear",
    "pattern-letter-class": "Python's regular expressions know no \\p{L}",
}
FAST = {
    "sparql/pre-binding/unsupported-sparql-004": "shacl 0.3.4 takes a query that redefines a pre-bound variable",
    "ill-typed-year": "shacl 0.3.4 does not look into xsd:gYear",
    "less-than-years": "shacl 0.3.4 orders no xsd:gYear",
    "range-years": "shacl 0.3.4 orders no xsd:gYear",
    "next-version": "shacl 0.3.4 has terms of SHACL 1.2",
    "pattern-lookahead": "shacl 0.3.4 refuses lookaround, which XPath does not have",
    "sparql-date-order": "shacl 0.3.4 orders no xsd:date in a FILTER",
    "sparql-target": "shacl 0.3.4 runs targets of SHACL Advanced Features, pySHACL only when told",
}
AUTO = {
    "ill-typed-year": "neither engine looks into xsd:gYear",
    "less-than-years": "neither engine orders years under sh:lessThanOrEquals",
}
