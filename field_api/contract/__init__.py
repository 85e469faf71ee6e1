"""The language of the field: messages, ids, video packets, scenarios, and the field link."""
