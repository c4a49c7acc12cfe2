"""Claude: the only door to Anthropic. One typed port, wrapped until it is safe to use.

Law: nothing here knows lending; a caller brings its words (``prompts``), its shape (a pydantic model)
and its review id. Only ``anthropic_client`` and ``standin.in_process`` import the vendor's SDK. Each
wrapper is a ``ModelPort`` around a ``ModelPort``, outermost first::

    RepairingModel    one repair turn when a reply breaks its shape
    RetryingModel     one deadline over every attempt, jitter, retry-after
    BudgetedModel     reserve, then settle: no attempt without money set aside for it
    TracedModel       one span an attempt, metadata only
    AnthropicModel    exactly one HTTP request

``opening.open_model`` puts them together.
"""
