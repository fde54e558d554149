"""The dialogue: what is said and asked, as plain code that is replayed over its transcript."""
