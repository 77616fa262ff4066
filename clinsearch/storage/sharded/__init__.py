"""A collection over several databases, its shards: each is a whole collection, and answers are put together here.

A note goes to one shard with all that is made of it: by its patient. Which one is a matter of size and speed alone:
whatever is asked, all shards are asked at once. Nothing here knows what the shards are kept in, but for `port`.
"""
