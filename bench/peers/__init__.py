"""Others on the same work: what they cost where they can do it, and what comes out otherwise than here."""
