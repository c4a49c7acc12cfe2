"""Policy: an application to facts, facts to findings, by packs that are data. Pure; the only door to CEL.

Read in this order: ``registry`` (which facts exist), ``facts`` (how they come about), ``packs/*.yaml`` (the
rules), ``pack`` (what makes a pack unusable), ``evaluate`` (findings, assessment, risk), ``library``.
"""
