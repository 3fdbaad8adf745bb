"""The one error a user is meant to see."""


class Problem(Exception):
    """Something in the input or the surroundings that the user can put right.

    An app prints its three lines and exits with 2; a script sees an ordinary exception.

    Args:
        what: what is wrong, with what was expected and what was found.
        where: the file, folder, option or case that it is about.
        remedy: what to do about it.

    Example:
        >>> print(Problem("The image has 4 axes, not 3.", "scan.nii.gz", "Take one volume."))
        The image has 4 axes, not 3.
          where:  scan.nii.gz
          remedy: Take one volume.
    """

    def __init__(self, what: str, where: object = None, remedy: str | None = None):
        self.what, self.where, self.remedy = what, where, remedy
        lines = [what]
        if where is not None:
            lines.append(f"  where:  {where}")
        if remedy is not None:
            lines.append(f"  remedy: {remedy}")
        super().__init__("\n".join(lines))

    def __reduce__(self):
        return type(self), (self.what, self.where, self.remedy)
