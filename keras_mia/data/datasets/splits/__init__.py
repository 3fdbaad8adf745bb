"""Who trains, who validates, who is held out."""
