"""The intake assistant: a conversation that ends in a complete application. Pure, but for the model's port.

Law: what is asked comes from the reviewed question bank and from nowhere else; what is known is what the
person said, each value with its words. A model may say which words answer which question and how a reviewed
question reads; our code reads the values, and the state machine alone moves the state.

A message goes through the rooms in this order::

    identifiers   numbers that name a person or an account become tokens, before anything else sees the text
    volunteered   what a lender may not ask is taken out, and is neither kept nor used
    hearing       words become heard facts, doubts and wishes: by rules, with a model's help where one is
    machine       the state moves on; says what is to be said next
    wording       what is said, in English or Spanish; guard checks what a model worded
"""
