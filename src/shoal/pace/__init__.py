"""How fast, how long, how often and in what order: decisions that are told the time."""
