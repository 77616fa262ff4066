"""The audit trail: who was shown which notes, in lines each of which holds the hash of the one before."""
