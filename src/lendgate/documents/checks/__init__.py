"""Checks: the questions a mortgage processor asks of documents, each answered with its evidence.

Three answers: pass, fail, cannot tell. A check that finds nothing to judge says "cannot tell" with the
reason, and one that does not apply says nothing. Law: a failed sum is first of all a reading to be made
again (``second_look``) and then a question for a person; no check declines anybody.
"""
