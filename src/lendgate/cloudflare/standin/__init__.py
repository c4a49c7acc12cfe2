"""A stand-in for Cloudflare's API: keeps state, refuses what the real one refuses, fails on demand.

Law: it is faithful where Lendgate depends on it (codes, shapes, what makes a version, what is deployed
at once) and knows nothing else. It records every request as it came, so a test can hold each against
Cloudflare's own OpenAPI document. Plain ASGI; no web framework; never used outside tests and rehearsals.
"""
