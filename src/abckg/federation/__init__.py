"""SERVICE, asked of the endpoints that are listed and of no others."""
