"""Whole portfolios: rows in order, results in order, in constant memory, and able to go on after a kill.

tally      what a run came to, so far
journal    where a run stands, on the disk
parallel   many at a time, still in order
backtest   policy alone, in several processes
run        the loop that ties them together
terminal   the summary with its picture
drawing    the same picture as SVG
"""
