"""The names of the protocols, apart from what they need, so that the command line can list them at once."""

CROSS_MODAL = "cross-modal"
"""The protocol that needs a catalogue and no log; see plait.evaluation.cross_modal."""

PROTOCOLS = ("last-liked", "leave-last-out", "random", "global-time", "cold-items", "cold-users", CROSS_MODAL)
