"""Installs keras_mia, with the apps beside it as `keras_mia/apps`."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
VERSION = re.search(r'__version__ = "(.+)"', (HERE / "keras_mia/__init__.py").read_text())[1]

setup(
    name="keras_mia",
    version=VERSION,
    description="Medical image analysis with Keras 3 and TensorFlow",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.11,<3.13",
    packages=[*find_packages(include=["keras_mia*"]), "keras_mia.apps"],
    package_dir={"keras_mia.apps": "apps"},
    package_data={
        "keras_mia": ["py.typed", "report/templates/*.jinja", "report/templates/blocks/*.jinja"]
    },
    install_requires=[
        "tensorflow>=2.20,<2.22",
        "keras>=3.15,<4",
        "tf-keras-vis>=0.8.7",
        "scikit-image>=0.25",
        "tensorflow-datasets>=4.9.8",
        "scipy>=1.13",
        "scikit-learn>=1.5",
        "numpy>=2.0",
        "nibabel>=5.3",
        "SimpleITK>=2.4",
        "matplotlib>=3.9",
        "jinja2>=3.1",
        "markupsafe>=2.1",
        "h5py>=3.11",
        "tqdm>=4.66",
        "pillow>=11",
        "tifffile>=2025.1.10",
    ],
    extras_require={
        "demo": ["nilearn>=0.11"],
        "dicom": ["highdicom>=0.28", "pydicom>=3.0"],
        "dev": [
            *("pytest", "pytest-xdist", "hypothesis", "ruff", "mypy", "pre-commit"),
            *("import-linter", "highdicom>=0.28", "pydicom>=3.0"),
        ],
        "backends": ["jax"],
        "bench": ["torch", "monai", "torchio"],
    },
    entry_points={"console_scripts": ["keras-mia = keras_mia.cli.main:main"]},
)
