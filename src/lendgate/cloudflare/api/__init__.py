"""The door to Cloudflare's API: what is called, what it needs, what comes back, and what can go wrong.

Law: nothing in here decides. It sends documented calls, keeps to Cloudflare's limits, and tells refusals
in the operator's words; what a deploy is made of is decided outside.
"""
