"""What people write: files to one merged, checked and typed spec per environment."""
