"""Running a post: health, metrics, logs, certificates, first steps, the page of settings."""
