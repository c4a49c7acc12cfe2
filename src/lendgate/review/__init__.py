"""Review: what people do about a case. The referral queue, leases, overrides with a written reason.

Law: pure. A person decides; the machine only says who may, and refuses what two could do at once.
"""
