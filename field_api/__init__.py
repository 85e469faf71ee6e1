"""The command post server: incidents, tasks, detections, audit, live fan-out, video and web."""
