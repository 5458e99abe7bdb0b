"""What a check found, and the forms in which people, editors and CI systems read it."""
