"""What a new plait.toml says: every setting, with its default, commented out."""

TEMPLATE = """\
# Plait's settings for this workspace. What is not said here has its default; unknown keys are refused.

# Settings for a kind of service, which count where nothing else is said below: "shop", "video", "music" or "social"
# scenario = ""

[encoders]
# The named set of encoders. Where it changes, `plait build WORKSPACE --reencode` makes all vectors anew.
bundle = {bundle}
# Models of one's own in place of the bundle's: a folder, "LIBRARY:NAME" with one of sentence-transformers,
# transformers, timm, torchvision, open_clip, or a table such as {{ model = "resnet18.a1_in1k", library = "timm" }}
# text = ""
# image = ""
# audio = ""
# sound_pooling = ""      # a file that `python -m scripts.bench_pooling ... --save FILE` wrote

[store]                   # where items and events are kept: in store.db, unless a PostgreSQL database is named
# url = ""                # postgresql+psycopg://USER@HOST/DATABASE, without the password; see docs/state.md
# schema = ""             # the schema of it that is this workspace's

[text]
# columns = []            # columns whose text joins title and description; a change counts from the next build

[events]
# Own event types with their weights, or other weights for built-in ones: 0 says nothing, below 0 speaks against;
# such as weights = {{ listen = 0.5, refund = -1.0 }}
# weights = {{}}
# rating_neutral = 3.0    # a rating that says nothing
# rating_scale = 0.5      # weight of one step of rating
# rating_positive = 4.0   # from here a rating counts as liking
# future_seconds = 300.0  # how far ahead of the clock an event may be that is recorded
# rewards = {{}}            # what an answer to a slate is worth, by event type; its weight unless said

[media]
# max_bytes = 100000000
# max_pixels = 50000000
# max_side = 20000
# max_seconds = 7200

[recommend]
# history = 1000          # how many of a user's last events are read for an answer
# diversity = 0.0         # how much the items of a list are to differ, 0 to 1, where a call does not say
# diversity_method = "dpp"  # or "mmr", or "calibrated" to a user's mix of categories

[exploration]             # places for new items, where a call logs what it shows
# method = "off"          # or "epsilon", all new items alike, or "thompson", by what is believed of their click rates
# every = 5               # one place of so many, the last, is for new items
# share = 0.25            # how often such a place shows one
# new_below = 100         # an item is new that has been shown or come upon fewer times,
# new_days = 0            # and that is younger, by created_at; of any age where 0

[learning]                # how the models follow the stream between two trainings; `plait tend` does it
# online = true
# every = 256             # so many events are learnt from before it is judged whether they did any good
# guard = true            # what is worse on likings that are held out is taken back
# window = 1000           # of the last so many events,
# per_user = 100          # at most so many of one user are learnt from, and
# per_item = 0.005        # of one item at most this share,
# burst = 4.0             # or so many times its share of the log before
# weight_rate = 0.1       # how fast the weights of the parts are learnt,
# bias_rate = 0.05        # how popular an item is now,
# factor_rate = 0.1       # and items' factors

[index]
# compact_rows = 1000     # publish the index anew when more rows than this
# compact_share = 0.2     # and more than this share of all rows were added or died since
# recall_floor = 0.98     # an index that surely finds less of the ten nearest items than this is repaired
# recall_sample = 100     # how many queries are asked to measure it

[schedule]                # what `plait tend` does by itself
# retrain = "both"        # "drift": when tastes have changed, "volume": when much was recorded, "both" or "never"
# after_events = 1000     # volume: as many new events,
# after_share = 0.2       # and as large a share of those learnt from
# false_alarms = 0.01     # drift: the chance that unchanged tastes ever lead to a training, for each model
# budget = "10m"          # time for a training
# memory = 4000000000     # bytes that a training may hold; it is stopped at more
# hours = []              # when one may begin, by this machine's clock: [1, 5] is from 1:00 and before 5:00

[models]
# kept = 3                # models that stay beside the one that answers, the one before it and promoted ones

[service]                 # what `plait serve` allows; see docs/service.md
# threads = 4             # requests of a kind that are worked on at once, and
# waiting = 64            # so many more that wait; others are sent away with 429
# seconds = 30.0          # how long a request may take, and
# slow_seconds = 300.0    # one that looks through all users, or changes models and users
# stop_seconds = 30       # how long requests may go on once the service was told to stop
# max_body_bytes = 20000000
# body_seconds = 60.0     # how long a body may take to come, and
# header_seconds = 10.0   # a whole head of a request
# max_connections = 4096  # of a worker
# rate = ""               # such as "600/m": requests of a key or address; see docs/security.md
# audit = true            # each write is noted in audit.jsonl, for `plait audit`
# origins = []            # such as ["https://shop.example"]: whose pages may call the service
# tracing = ""            # such as "http://collector:4318": where spans go; needs plait[tracing]
# collect_origins = []    # pages that may send events to /v1/collect; see docs/collect.md
# collect_key = ""        # what they must name as data-key; it is public
# collect_per_minute = 600  # events of an address
# batch = 32              # so many questions are answered together at most; 1 answers each by itself
# batch_wait_ms = 0.0     # how long a question waits for others
# decoders = 2            # processes of a worker that decode pictures and sounds which are sent, and
# decode_seconds = 20     # how long each may take
# sound_seconds = 300     # how long a sound that is sent may last
# media_root = ""         # the folder of pictures and sounds that items sent to the service may name
# warm = ["text", "image", "audio"]  # encoders that are loaded before the service is ready

[rules]
# What is done to every list of recommendations; docs/lists.md has the order in which it is done.
# require = ""            # an expression as of --where that every item must pass, such as "stock > 0"
# exclude = []            # ids of items that are never shown
# bought_once = false     # what a user bought is left out for ever, also with --include-seen
# consumable = {{}}         # categories of which a bought item comes back, and after how many days: {{ ink = 30 }}
# max_per = {{}}            # at most so many items of a list share a value: {{ maker = 3 }}
# group_by = ""           # one item a value of this attribute
# Exact places, for an item or for the best one that passes `where`; `from` and `until` are dates:
# [{{ place = 1, item = "item-3", from = 2026-12-01, until = 2026-12-27 }}, {{ place = 2, where = "maker = 'us'" }}]
# pins = []
# What is added to the logit of items that pass, dated likewise: [{{ where = "margin > 0.3", by = 0.5 }}]
# boosts = []
# Each showing that nothing came of lowers the logit by `lowers`, over `days` ever less; an item shown `impressions`
# times within `days` stands behind all others until it was not; 0 is no such rule
# fatigue = {{ impressions = 0, days = 14.0, lowers = 0.1 }}
# At least `items` of the first `of` are younger than `days`; 0 is no such rule
# fresh = {{ items = 0, of = 10, days = 30.0 }}
# How much a click, a minute of dwelling, a purchase, and each unit of `attribute` (or of the value of the event) that
# a purchase brings are worth; `strength` 0 to 1 is how far worth counts beside taste
# objective = {{ click = 0.0, dwell = 0.0, purchase = 0.0, value = 0.0, attribute = "", strength = 1.0 }}
"""
