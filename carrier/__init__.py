"""The doors that the carrier enters by: who may, and what a failure behind one may tell."""
