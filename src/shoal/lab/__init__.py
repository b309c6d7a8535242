"""Practice targets on loopback and in network namespaces of our own."""
