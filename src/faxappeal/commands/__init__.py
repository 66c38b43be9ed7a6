"""The commands: each takes plain values and returns a Result. None of them prints."""
