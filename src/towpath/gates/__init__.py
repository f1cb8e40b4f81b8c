"""What each gate does, one file each."""
