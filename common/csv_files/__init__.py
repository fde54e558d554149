"""CSV files as people make them: encodings, columns, values, problems by line."""
