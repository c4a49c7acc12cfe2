"""The broker's support agent at work: answers that are kept, and requests with clocks of their own."""
