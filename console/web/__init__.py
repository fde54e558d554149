"""What every page stands on: access, forms, tables, words, answers."""
