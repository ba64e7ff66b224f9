"""The twelve families of the studio catalogue: how each is spoken of, painted and sounded.

No phrase names its family; what they share is a scene.
"""

from dataclasses import dataclass
from typing import Literal

Motif = Literal["waves", "flames", "trunks", "rings", "dots", "dunes", "checks", "strokes", "stars", "towers",
                "clusters", "road"]  # fmt: skip
Voice = Literal["swell", "crackle", "chirps", "ticks", "pad", "gusts", "drums", "drops", "bells", "bass", "plucks",
                "engine"]  # fmt: skip
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Family:
    """One family: two colours, a motif, a voice, words for titles, scenes and details for descriptions.

    `asked` is how somebody would ask for it; these phrases stand in no description.
    """

    name: str
    ground: Colour
    ink: Colour
    motif: Motif
    voice: Voice
    titles: tuple[str, ...]
    scenes: tuple[str, ...]
    details: tuple[str, ...]
    asked: tuple[str, ...]


FAMILIES = (
    Family("ocean", (30, 90, 160), (210, 235, 250), "waves", "swell",
           ("Tide", "Salt", "Harbour", "Gull", "Drift", "Shoal"),
           ("surf rolls up the beach and slides back", "a boat rocks at its mooring", "foam on the sand at low water",
            "gulls circle above the pier", "the swell lifts and lowers a buoy", "salt wind in the sails"),
           ("a lighthouse", "wet nets", "seaweed", "shells", "a long horizon", "fishermen"),
           ("waves of the sea on the shore", "sailing across the water", "a day at the coast")),
    Family("hearth", (120, 30, 10), (250, 160, 40), "flames", "crackle",
           ("Ember", "Kindling", "Cinder", "Glow", "Ash", "Tinder"),
           ("logs burn down to coals", "sparks fly up the chimney", "warm hands around a campfire",
            "smoke drifts from a stove", "candles flicker in the dark", "a torch lights the cave"),
           ("a kettle", "soot", "matches", "a poker", "roasted chestnuts", "red light on faces"),
           ("a fire burning in the fireplace", "flames and heat", "sitting by a bonfire")),
    Family("forest", (40, 90, 40), (120, 80, 40), "trunks", "chirps",
           ("Thicket", "Fern", "Moss", "Glade", "Robin", "Bark"),
           ("birds sing from the branches", "moss grows over fallen trunks", "a squirrel leaps between pines",
            "leaves rustle under the canopy", "a woodpecker high up in an oak", "ferns along a shady trail"),
           ("mushrooms", "an owl", "green light", "acorns", "a nest", "roots"),
           ("birdsong among trees in the woods", "walking in the forest", "wild animals between the trees")),
    Family("clockwork", (90, 90, 95), (210, 180, 90), "rings", "ticks",
           ("Cog", "Spring", "Pendulum", "Brass", "Lever", "Dial"),
           ("gears turn behind a brass plate", "a pendulum swings to and fro", "the watchmaker winds a spring",
            "small wheels mesh without a sound", "hands point to noon on a dial", "an automaton nods its head"),
           ("tiny screws", "a magnifying glass", "oil", "a key", "polished metal", "a bell jar"),
           ("a mechanical clock and its wheels", "old machinery of a watch", "precise little mechanisms")),
    Family("night", (10, 10, 40), (240, 240, 210), "dots", "pad",
           ("Comet", "Orbit", "Nebula", "Eclipse", "Meridian", "Zenith"),
           ("planets drift across a dark sky", "a telescope finds a far galaxy", "meteors fall past midnight",
            "the moon rises behind clouds", "constellations wheel overhead", "astronauts float above the earth"),
           ("a silver crescent", "a rocket", "silence", "a star chart", "a satellite", "faint light"),
           ("stars in outer space", "astronomy and the universe", "looking up at the cosmos")),
    Family("desert", (220, 180, 110), (170, 110, 50), "dunes", "gusts",
           ("Mirage", "Caravan", "Cactus", "Mesa", "Oasis", "Sirocco"),
           ("camels cross the dunes at noon", "hot sand blows over the tracks", "a lizard on a sunlit rock",
            "dry wind between the mesas", "palms around a waterhole", "cracked earth and no shade"),
           ("bleached bones", "a water skin", "dust", "a scorpion", "a tent", "glare"),
           ("a dry sandy desert under the sun", "heat and sand far from water", "crossing the Sahara")),
    Family("market", (200, 60, 60), (250, 220, 90), "checks", "drums",
           ("Bazaar", "Spice", "Stall", "Lantern", "Basket", "Carnival"),
           ("traders call out over baskets of spice", "dancers beat drums in the square",
            "coloured cloth hangs above the stalls", "a crowd haggles over fruit", "jugglers at the street fair",
            "masks and tambourines in a parade"),
           ("ribbons", "small coins", "carpets", "laughter", "saffron", "clapping hands"),
           ("a street festival with drums and dancing", "shopping at a busy bazaar", "people trading in town")),
    Family("rain", (110, 120, 135), (60, 80, 110), "strokes", "drops",
           ("Drizzle", "Puddle", "Gutter", "Cloudburst", "Umbrella", "Mist"),
           ("drops run down the window pane", "umbrellas open along the kerb", "puddles ripple on the asphalt",
            "water rushes from the gutter", "grey clouds hang over wet roofs", "boots splash through a shower"),
           ("a yellow coat", "thunder", "damp wool", "a leaking drainpipe", "fogged glass", "snails"),
           ("rainy weather outside", "a storm of rain falling", "getting wet in a downpour")),
    Family("winter", (225, 235, 245), (120, 160, 210), "stars", "bells",
           ("Frost", "Sleigh", "Icicle", "Glacier", "Solstice", "Flurry"),
           ("snow settles on the rooftops", "skates scratch a frozen pond", "icicles hang from the eaves",
            "sleigh tracks lead over the white hill", "breath turns to mist", "a scarf and mittens of wool"),
           ("reindeer", "small bells", "hot chocolate", "skis", "a snowman", "blue shadows"),
           ("snow and ice in winter", "cold frosty days", "Christmas in the mountains")),
    Family("neon", (25, 10, 50), (250, 50, 200), "towers", "bass",
           ("Voltage", "Arcade", "Pixel", "Metro", "Signal", "Chrome"),
           ("signs blink above the avenue", "the last metro leaves the platform", "skyscrapers reflected in glass",
            "an arcade full of screens", "taxis queue outside the club", "a DJ mixes on the rooftop"),
           ("loudspeakers", "a vending machine", "elevators", "chrome", "headphones", "crowded crossings"),
           ("nightlife in a big city", "electronic lights of downtown", "dancing in a club to electronic music")),
    Family("vineyard", (90, 40, 100), (170, 200, 90), "clusters", "plucks",
           ("Cellar", "Harvest", "Trellis", "Barrel", "Cork", "Orchard"),
           ("grapes ripen along the trellis", "barrels rest in a cool cellar", "a guitarist plays after the harvest",
            "pickers carry crates down the slope", "olives and bread on a wooden table", "corks pop at the long table"),
           ("figs", "a straw hat", "sunny terraces", "a stone press", "a carafe", "cheese"),
           ("wine and grapes in the countryside", "a farm at harvest time", "tasting a good red")),
    Family("road", (70, 70, 70), (240, 220, 60), "road", "engine",
           ("Axle", "Mile", "Diesel", "Turnpike", "Gravel", "Throttle"),
           ("trucks climb the mountain pass", "a motorcycle leans into the bend", "headlights sweep the motorway",
            "the mechanic tightens a wheel", "tyres hum over the bridge", "an old van full of suitcases"),
           ("a folded map", "petrol pumps", "number plates", "a hitchhiker", "exhaust", "white lines"),
           ("driving a car on the highway", "a journey with vehicles and engines", "truckers and bikers")),
)  # fmt: skip
