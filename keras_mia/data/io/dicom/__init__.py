"""DICOM: elements, headers, geometry, values, and segmentations."""
