"""Peers: what one would use instead of Plait, each small, behind one contract."""
