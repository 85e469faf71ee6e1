"""What is really there: ground, wind, walking people, a growing fire. Only the simulator knows."""
