"""The scanner: a plan, engines that probe, and the results they return."""
