"""Collecting: a script for any web page, and the public way in for what it sends; see docs/collect.md."""
