"""Everything can be done by keyboard alone, and one always sees where one is."""

from typing import Any

from playwright.async_api import Page, expect

from e2e.portal.organisation import EMPLOYEES, Organisation
from e2e.portal.visitor import Visitors

_FOCUSED = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect();
  const style = getComputedStyle(one);
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  const chosen = document.querySelector(`input[name="${one.name}"]:checked`);
  return {
    text: one.textContent.trim(), type: one.type || one.tagName.toLowerCase(),
    answered: one.type === "radio" && chosen !== null,
    visible: (outlined || style.boxShadow !== "none")
      && box.width > 0 && box.bottom > 0 && box.top < innerHeight,
    html: one.outerHTML.slice(0, 120),
  };
}"""
_MOST_PRESSES = 400


class Keyboard:
    """Somebody without a mouse."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.unseen: list[str] = []

    async def tab(self) -> dict[str, Any]:
        """Go to the next thing; notes it if one cannot see that one is there."""
        await self._page.keyboard.press("Tab")
        found: dict[str, Any] = await self._page.evaluate(_FOCUSED)
        if found["type"] != "body" and not found["visible"]:
            self.unseen.append(found["html"])
        return found

    async def answer_all(self) -> None:
        """Choose the first answer of each question, and press what leads on."""
        for _ in range(_MOST_PRESSES):
            found = await self.tab()
            if found["type"] == "radio" and not found["answered"]:
                await self._page.keyboard.press("Space")
            elif found["text"] in ("Nästa", "Se över mina svar", "Skicka"):
                async with self._page.expect_navigation():
                    await self._page.keyboard.press("Enter")
                if found["text"] == "Skicka":
                    return
        raise AssertionError(f"not sent after {_MOST_PRESSES} presses")


async def test_an_employee_answers_by_keyboard_alone(
    visitors: Visitors, organisation: Organisation
) -> None:
    page = await visitors.signed_in(f"person:{EMPLOYEES[1]}")
    await page.goto(f"/rounds/{organisation.round_id}?step=1")
    somebody = Keyboard(page)
    skip = await somebody.tab()
    assert skip["text"] == "Hoppa till innehållet"
    await page.keyboard.press("Enter")
    first = (await somebody.tab())["text"]
    assert first == "Så kontrollerar vi att ingen kan hittas i resultaten", "the menu was skipped"
    assert (await somebody.tab())["text"] == "Visa alla på en sida"
    await somebody.answer_all()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Det här är din profil")
    assert somebody.unseen == []
