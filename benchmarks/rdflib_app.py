"""rdflib-endpoint over the file that ``BENCHMARK_DATA`` names, on the fastest store that rdflib has (oxrdflib)."""

from __future__ import annotations

import os

from oxrdflib import OxigraphStore
from pyoxigraph import DefaultGraph, RdfFormat, Store
from rdflib import Dataset
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID
from rdflib_endpoint import SparqlEndpoint

_native = Store()
_native.bulk_load(path=os.environ["BENCHMARK_DATA"], format=RdfFormat.N_TRIPLES, to_graph=DefaultGraph())
_graph = Dataset(store=OxigraphStore(store=_native)).graph(DATASET_DEFAULT_GRAPH_ID)
app = SparqlEndpoint(graph=_graph)
