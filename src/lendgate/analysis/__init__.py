"""Analysis: facts and findings to a credit memo, and the verifier that every memo passes. Pure but for
what a reviewer itself waits on.
"""
