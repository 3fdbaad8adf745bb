"""Networks that make images: generators, and what trains them."""
