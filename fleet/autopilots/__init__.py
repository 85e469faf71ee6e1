"""What differs between autopilots, one small file each."""
