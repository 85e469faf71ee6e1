"""Pure planning: area and fleet in, search plan out. No I/O beyond plan and terrain files."""
