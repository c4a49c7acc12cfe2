"""The intake conversation as a page: plain HTML forms, which a script makes stream.

Law: everything works with scripts off; the script adds nothing that a form cannot do. The token is put into
the form by the gate and never reaches the service; what a person or the assistant said is text, never markup.
"""
