"""The wheel's files of the deployment: they stand beside ``settings.py``, as in a checkout."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).resolve().parent


class BuildWithRootFiles(build_py):
    """Copies the YAML files of the root too, which belong to no package."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            for file in sorted(HERE.glob("*.yaml")):
                self.copy_file(str(file), str(Path(self.build_lib) / file.name))


setup(cmdclass={"build_py": BuildWithRootFiles})
