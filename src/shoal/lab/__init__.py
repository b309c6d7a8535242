"""Practice targets on loopback and in network namespaces of our own."""

from shoal.lab.practice import Lab, Target

__all__ = ["Lab", "Target"]
