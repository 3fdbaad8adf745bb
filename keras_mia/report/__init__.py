"""A finished run as pictures and one page."""

import importlib

EXPORTS = {"CasePicture": "pictures", "planes": "pictures", "write_report": "page"}
__all__ = list(EXPORTS)


def __getattr__(name: str):
    if name in EXPORTS:
        return getattr(importlib.import_module(f"keras_mia.report.{EXPORTS[name]}"), name)
    raise AttributeError(f"module 'keras_mia.report' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *EXPORTS})
