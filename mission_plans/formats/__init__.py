"""Mission and area files of other programs: text in, our values out, and back."""
