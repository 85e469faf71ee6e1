"""Sans-I/O MAVLink protocol machines: messages and time in, messages and events out."""
