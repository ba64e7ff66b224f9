"""The jobs of Plait, one module each; each reads as its data flow, top to bottom."""
