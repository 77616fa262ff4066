"""Texts to vectors. The only home of torch and transformers."""
