"""Extraction: what each type of document says, field by field, each with the place it was read from.

``forms`` reads printed forms by where their labels are (``data/forms.yaml``); ``pay_stub`` and
``statement`` read the two documents that have no form. Law: a field is a value that stands on the page;
what is not there is absent, and nothing is computed here.
"""
