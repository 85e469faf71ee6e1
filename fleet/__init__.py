"""MAVLink fleet node: links, protocol machines, vehicles, sorties, guards and recorder."""
