"""``make bench``: what the gate and a review cost, beside the cheapest Worker there is, in one run.

Law: every figure is measured by the run that prints it. Targets take turns (A B C … A B C …), so that
a busy moment of the machine hits all of them; what is reported is the median of the turns. Requests a
second depend on the machine and the client: CPU time a request is the figure that travels.
"""
