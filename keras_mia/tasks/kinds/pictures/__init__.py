"""Pictures of cases for the report: boxes, and what spoke for a class or a finding."""
