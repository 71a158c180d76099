"""What registrations of trials say, in the words of this base."""
