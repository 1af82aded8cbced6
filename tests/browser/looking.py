"""What every browser test does: read a lab's line of text, find a place, and wait for something to come true."""

from playwright.sync_api import Error


def line(lab) -> str:
    """The line of text under a lab's picture."""
    return lab.locator(".annlab-line").inner_text()


def wait_for(page, condition, *arguments) -> None:
    """Until ``condition`` (Python) holds; the page goes on meanwhile."""
    for _ in range(600):
        if condition(*arguments):
            return
        page.wait_for_timeout(50)  # between two looks
    raise AssertionError(f"waited too long for {condition}")


def box_of(target, scroll: bool = True) -> dict[str, float]:
    """Where it is on the page, scrolled into sight; asked again where the picture was drawn anew meanwhile."""
    for _ in range(50):
        try:
            if scroll:
                target.scroll_into_view_if_needed()
            if box := target.bounding_box():
                return box
        except Error as error:
            if "not attached" not in error.message:
                raise
        target.page.wait_for_timeout(50)  # between two looks
    raise AssertionError(f"{target} is nowhere on the page")
