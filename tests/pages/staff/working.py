"""What a clerk does on the staff page."""

from playwright.async_api import Locator, Page, expect

from tests.pages.staff.twin import SECRET


async def sign_in(page: Page, secret: str = SECRET, store: str | None = "Acme Broadway") -> None:
    """With a key, into a store where it has several, until its check list is there."""
    await page.get_by_label("Staff key").fill(secret)
    await page.get_by_role("button", name="Sign in").click()
    if store is not None:
        await page.get_by_role("button", name=store).click()
        await expect(page.locator(".checks:not(:has-text('Looking…'))")).to_have_count(1)


async def find(page: Page, code: str) -> None:
    await page.get_by_role("textbox", name="Barcode").fill(code)
    await page.get_by_role("button", name="Find").click()


async def answer(page: Page, word: str) -> None:
    await page.locator(".choices").get_by_role("button", name=word).click()


def unsent(page: Page) -> Locator:
    """The line that tells how many are not sent yet."""
    return page.locator("#sent")
