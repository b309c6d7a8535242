"""Extensions, one file each."""
