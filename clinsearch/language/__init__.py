"""What a note says, read by rules: sections, sentences, assertions, terms and gists."""
