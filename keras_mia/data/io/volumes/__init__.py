"""Formats of volumes: NIfTI, Analyze and MGH, MetaImage and NRRD."""
