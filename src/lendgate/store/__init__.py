"""PostgreSQL, the only store: what was accepted, what became of it, and the evidence.

Law: SQL lives in this room and nowhere else; tenants are kept apart by the database itself; state and its
audit event are one transaction (DESIGN 3 e). ``database`` is the door, ``embedded`` supplies a server
where there is none, ``migrate`` brings it up to date, the other modules are plain SQL beside its use.
"""
