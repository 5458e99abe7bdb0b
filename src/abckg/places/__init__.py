"""Where in the files a triple, or a fault of the graph, is written."""
