"""The same work by hand: written to win, for one job each, with the engine's outputs and reports of errors."""
