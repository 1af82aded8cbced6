"""What every browser test does: read a lab's line of text, and wait for something to come true."""


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
