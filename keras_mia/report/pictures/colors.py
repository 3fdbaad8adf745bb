"""One colour a class, told apart by every eye."""

# Okabe and Ito; yellow and blue last, since they are hard to see on a light and a dark ground.
PALETTE = ("#e69f00", "#56b4e9", "#009e73", "#d55e00", "#cc79a7", "#f0e442", "#0072b2")


def color(index: int) -> str:
    """The CSS colour of the foreground class `index` (1, 2, ...); later rounds are paler, darker.

    Source: Okabe and Ito (2008), Color Universal Design.

    Example:
        >>> color(1), color(2)
        ('#e69f00', '#56b4e9')
    """
    round_number, position = divmod(index - 1, len(PALETTE))
    ground, share = ((0, 0.0), (255, 0.45), (0, 0.4))[round_number % 3]
    mixed = (round((1 - share) * value + share * ground) for value in rgb(PALETTE[position]))
    return "#" + "".join(f"{value:02x}" for value in mixed)


def rgb(css: str) -> tuple[int, int, int]:
    """Red, green and blue (0 to 255) of a colour such as "#e69f00"."""
    red, green, blue = bytes.fromhex(css.removeprefix("#"))
    return red, green, blue
