"""The stages in order: from a spec's files to rendered trees, for every environment, on all cores."""
