"""Documents: what borrowers upload, read, understood, checked and routed. The only door to PDFium and OCR.

Read in this order: ``model`` (pages of text with boxes), ``sandbox`` (a file to pages, in a process apart),
``classify`` and ``split`` (which documents), ``extract`` (what they say), ``checks`` (is it right),
``signals`` (for people only), ``route`` (where it goes), ``triage`` (all of it), ``facts`` and ``present``
(what policy and the sender get). Everything but ``sandbox`` and what runs inside it is pure.
"""
