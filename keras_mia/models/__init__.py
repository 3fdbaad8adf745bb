"""Builders: functions that return ordinary `keras.Model`s, a file an architecture."""

from importlib import import_module

HOMES = {"unet": "keras_mia.models.segmentation.unet"}
__all__ = sorted(HOMES)


def __getattr__(name: str):
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
