"""How each kind of target is learnt, calibrated, scored and shown: one file a kind."""
