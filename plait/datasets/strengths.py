"""How strongly everything is planted in the studio catalogue; set once, and never moved to meet a figure.

The noise is meant to keep even one who knows the whole plan from answering every question.
"""

PICTURE_ONLY, SOUND_ONLY = 0.1, 0.1
"""Shares of items with nothing but a cover, and with nothing but a sound."""
NO_PICTURE, NO_SOUND = 0.1, 0.2
"""Of the other items, shares without a cover and without a sound."""

STRAY_WORDS, STRAY_PICTURE, STRAY_SOUND = 0.1, 0.1, 0.1
"""How often the words, the cover, the sound of an item are those of another family."""
STRAY_SCENE = 0.3
"""How often the second scene of a description is any family's."""
PLAIN_TITLE = 0.4
"""How often a title says nothing of the family."""
TAG_TRUTH = 0.8
"""How often a tag says on which side of the middle the trait lies that it speaks of."""

SKEW = 0.8
"""Deviation of the log of an item's popularity."""
SERIES, PARTS, BUNDLES, SEASONAL = 8, 3, 12, 8
"""Series, the parts of each, pairs bought one after the other, and items of one season."""
SEASON = (30, 60)
"""First day of the season and the day after its last."""
IN_SEASON, OUT_OF_SEASON = 6.0, 0.05
"""Factors on the chance of a seasonal item."""

COMMUNITIES, FAVOURITES = 8, 3
"""Circles of friends, and the families that each favours."""
FAVOUR = 0.75
"""Share of a community's taste that falls on its favourites."""
HERD = 3.0
"""How near a listener's taste is to the community's: the mass of its Dirichlet distribution."""
LEANING = 0.4
"""Deviation of a community's leaning towards a trait, and of a listener's around it."""
FRIENDS, HOMOPHILY = 4, 0.8
"""Edges drawn for a listener, and how often the other end is of the same community."""
HOME_TRUTH = 0.7
"""How often a listener lives where the community does."""
DRIFTERS = 0.1
"""Share of listeners who take on another community's taste half way."""

EVENTS = (12, 60)
"""Least events of a listener, and one more than the most."""
TASTE = 0.75
"""How often a choice follows the taste; otherwise it is any item, by popularity."""
LIKED = 0.65
"""How often a choice by taste pleases."""
INDIFFERENT = 1 / 8
"""Any other choice pleases this much as often."""
NEXT = 0.5
"""How often what pleased is followed at once by the next part or by the other half of a bundle."""
BOTS, BOT_EVENTS, BOT_SECONDS = 2, 2_400, 20
"""Users who click once in BOT_SECONDS without a pause, and their clicks."""
DOUBLED = 20
"""Events that are written twice."""
DEBUTS, DEBUT_AUDIENCE = 2, 0.08
"""New items of each family that stand in no file, and the share of listeners each would please."""
