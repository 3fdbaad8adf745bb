"""The forms in which data sets hold what is to be learnt."""
