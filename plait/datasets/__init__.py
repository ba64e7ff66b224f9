"""Catalogues and logs to try Plait on: one made by code, one fetched."""
