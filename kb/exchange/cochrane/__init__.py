"""What a Cochrane review holds, whichever RevMan wrote it: analyses, their data, their results."""
