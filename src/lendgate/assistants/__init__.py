"""Assistants: the borrower's intake conversation and the broker's support conversation.

Law: pure but for the model port. A speaker is given only what its listener may hear, and its words are
checked all the same.
"""
