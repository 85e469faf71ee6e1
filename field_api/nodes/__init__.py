"""Field nodes: enrolment, the link, the durable inbox."""
