"""How good a recommender is, measured so that nobody can dispute it: protocols, peers, intervals, reports."""
