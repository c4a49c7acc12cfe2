"""The broker's support agent: what is published about one application, in plain words.

Law: it is given a ``SupportContext`` and nothing else, and that type has no place for policy text, limits,
weights, a memo, notes, signals, names or another application. What it cannot hold it cannot say.
"""
