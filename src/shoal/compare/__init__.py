"""The measured comparison: the same work one after another, in threads, in processes and as coroutines.

- `work` is what is done: the built-in kinds, or a function of the user's own with its inputs;
- `variant` does it one way, in a process of its own, and says what that took;
- `measure` runs all ways in turn and checks that all give the same results;
- `advice` says in words what to choose, and why;
- `table` and `chart` show it.

The one rule: a figure counts only beside others of the same work, the same rounds and the same results.
"""
