"""What a user may name as data: tables, arrays, samples and data sets of other packages."""
