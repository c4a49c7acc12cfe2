"""Evals: how good are the memos, and does what holds them back hold? Not part of the tests; run on purpose.

python -m evals                     rules and the stand-in's characters; the real API when a key is set
python -m evals --repeats 10 --json
"""
