"""The address of a server that holds the dump of the graph, with the graphs that make up its default graph."""

from __future__ import annotations

from abckg.dataset import DATA_GRAPH, ONTOLOGY_GRAPH
from abckg.namespaces import INFERRED_GRAPH
from servers import Running

GRAPHS = (ONTOLOGY_GRAPH, DATA_GRAPH, INFERRED_GRAPH)


def with_graphs(running: Running) -> str:
    return f"{running.endpoint}?" + "&".join(f"default-graph-uri={g}&named-graph-uri={g}" for g in GRAPHS)
