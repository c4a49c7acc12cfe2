"""Review: what people do about a case. The referral queue, leases, verdicts with a written reason, four eyes.

Law: pure. A person decides; the machine only says who may, and refuses what two could do at once.
"""
