"""ABC Knowledge Graph: Japan's regional science, technology and innovation as linked open data."""
