"""Texts to vectors. With `vocabulary`, the only home of torch and transformers."""
