"""The page to print: a letter on each sheet of A4, or eight slips to cut apart. On the screen it
begins with what to do with it, which is not printed.

It needs nothing from anywhere: no script, no font, no picture. The code is in the link's fragment,
which a browser sends to no server.
"""

from collections.abc import Iterator, Mapping
from html import escape
from string import Template

import segno

from people_service.application.sign_in_codes import IssuedCodes
from people_service.domain.calendar import STOCKHOLM
from people_service.domain.person import Language
from people_service.domain.sign_in_code import printed

_SLIPS_PER_SHEET = 8
_PATH = "/svara"

_STYLE = """
@page { size: A4; margin: 0 }
* { box-sizing: border-box }
body { margin: 0; color: #000; background: #fff; font: 12pt/1.45 Arial, sans-serif }
p, h1, h2, ol { margin: 0 }
svg { display: block; width: 100%; height: auto }
.sheet { width: 210mm; height: 296mm; overflow: hidden; break-after: page }
.sheet:last-child { break-after: auto }
.notice h1 { font-size: 16pt }
.notice { max-width: 210mm; padding: 5mm 6mm; border-bottom: 1mm solid #000; background: #fff4c2 }
@media print { .notice { display: none } }
@media screen {
  .sheet { border-bottom: 1mm dashed #777 }
}
@media screen and (max-width: 210mm) {
  .sheet { width: auto; height: auto }
  .sheet.letter, .sheet.slips { padding: 5mm }
  .sheet .key { flex-wrap: wrap }
  .sheet.slips { grid-template: none }
}
.code { font: bold 18pt/1.3 "Courier New", monospace; white-space: pre }
.letter { padding: 30mm 25mm; display: flex; flex-direction: column; gap: 6mm }
.letter h2 { font-size: 20pt; line-height: 1.2 }
.letter ol { padding-left: 6mm }
.key { display: flex; align-items: center }
.letter .key { gap: 10mm; padding: 6mm; border: 0.5mm solid #000 }
.letter .key svg { width: 55mm; flex: none }
.letter .code { font-size: 19pt }
.letter .small { font-size: 10.5pt }
.slips { display: grid; grid-template: repeat(4, 1fr) / repeat(2, 1fr) }
.slip { padding: 6mm 7mm; border: 0.2mm dashed #777; font-size: 8.5pt; line-height: 1.3;
  display: flex; flex-direction: column; justify-content: center; gap: 1.5mm; overflow: hidden }
.slip .key { gap: 4mm }
.slip .key svg { width: 31mm; flex: none }
.slip .code { font-size: 13pt }
.slip h2 { font-size: 11pt; line-height: 1.2 }
"""

_PAGE = Template("""<!doctype html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>$style</style>
</head>
<body>
<main>
<div class="notice">
$notice
</div>
$sheets
</main>
</body>
</html>
""")

_TITLES: Mapping[Language, str] = {"sv": "Engångskoder", "en": "One-time codes"}
_NOTICES: Mapping[Language, str] = {
    "sv": """<h1>Skriv ut nu: koderna visas bara den här gången</h1>
<p>Skriv ut sidan med webbläsarens utskrift (Ctrl+P, på Mac Cmd+P). Ladda inte om den. När den är
stängd kan ingen visa koderna igen, och ingen kan ta tillbaka dem.</p>
<p>Lägg varje brev i ett kuvert och dela ut det, eller klipp isär lapparna. Anteckna inte vem som
fick vilken kod. Förstör det som inte delades ut. Den här rutan skrivs inte ut.</p>""",
    "en": """<h1>Print it now: the codes are shown this once</h1>
<p>Print the page with your browser's print command (Ctrl+P, on a Mac Cmd+P). Do not load it again.
When it is closed, nobody can show the codes again, and nobody can take them back.</p>
<p>Put each letter into an envelope and hand it out, or cut the slips apart. Do not write down who
got which code. Destroy what was not handed out. This box is not printed.</p>""",
}

_LETTERS: Mapping[Language, Template] = {
    "sv": Template("""<section class="sheet letter" lang="sv">
<p>Till $name</p>
<h2>Självskattning i $unit</h2>
<p>Här är din kod. Med den svarar du utan e-postadress och utan konto, senast
$until.</p>
<div class="key">$qr<div><p>Kod</p><p class="code">$code</p></div></div>
<ol>
<li>Rikta telefonens kamera mot rutan, eller öppna <strong>$address</strong> i en webbläsare.</li>
<li>Skriv koden, om den inte redan är ifylld. Stora och små bokstäver går lika bra.</li>
<li>Svara. Med samma kod kan du ändra dina svar tills självskattningen stänger.</li>
</ol>
<p>Ingen kan se vem som har svarat med koden. Vilken kod som är din står bara på det här papperet,
och ingen kan se vilka koder som har använts.</p>
<p class="small">Den som har koden kan svara i ditt ställe. Visa den inte för någon, och riv
papperet när självskattningen har stängt.</p>
</section>"""),
    "en": Template("""<section class="sheet letter" lang="en">
<p>To $name</p>
<h2>Self-assessment in $unit</h2>
<p>Here is your code. With it you answer without a mail address and without an account, by
$until.</p>
<div class="key">$qr<div><p>Code</p><p class="code">$code</p></div></div>
<ol>
<li>Point your phone's camera at the square, or open <strong>$address</strong> in a browser.</li>
<li>Type the code, unless it is filled in already. Capital and small letters are the same.</li>
<li>Answer. With the same code you can change your answers until the self-assessment closes.</li>
</ol>
<p>Nobody can see who answered with the code. Which code is yours is on this paper only, and nobody
can see which codes have been used.</p>
<p class="small">Whoever has the code can answer in your place. Show it to nobody, and tear up the
paper when the self-assessment has closed.</p>
</section>"""),
}

_SLIP = Template("""<section class="slip" lang="sv">
<h2>Självskattning i $unit</h2>
<div class="key">$qr<div><p>$address</p><p class="code">$code</p></div></div>
<p>Ta en lapp var. Svara senast $until. Ingen vet vem som har vilken kod. Spara lappen om du
vill kunna ändra dina svar, och visa den inte för någon.</p>
<p lang="en">Take one slip each. Answer by $until. Nobody knows who has which code. Keep the slip
if you want to change your answers later, and show it to nobody.</p>
</section>""")


def page_of(issued: IssuedCodes, portal_url: str, language: Language) -> str:
    """The whole page in HTML. `portal_url` has no slash at its end; `language` is of whoever
    prints. Letters are in their addressees' languages, slips in both."""
    sheets = _letters(issued, portal_url) if issued.addressees else _slips(issued, portal_url)
    return _PAGE.substitute(
        style=_STYLE,
        language=language,
        title=_TITLES[language],
        notice=_NOTICES[language],
        sheets="\n".join(sheets),
    )


def _letters(issued: IssuedCodes, portal_url: str) -> Iterator[str]:
    for person, code in zip(issued.addressees, issued.codes, strict=True):
        yield _LETTERS[person.language].substitute(
            _values(issued, code, portal_url), name=escape(person.name)
        )


def _slips(issued: IssuedCodes, portal_url: str) -> Iterator[str]:
    for first in range(0, len(issued.codes), _SLIPS_PER_SHEET):
        codes = issued.codes[first : first + _SLIPS_PER_SHEET]
        slips = [_SLIP.substitute(_values(issued, code, portal_url)) for code in codes]
        yield '<div class="sheet slips">\n' + "\n".join(slips) + "\n</div>"


def _in_two_lines(code: str) -> str:
    middle = len(code) // 2 + 1
    return f"{code[:middle]}\n{code[middle:]}"


def _values(issued: IssuedCodes, code: str, portal_url: str) -> dict[str, str]:
    address = portal_url + _PATH
    link = f"{address}#{printed(code)}"
    return {
        "unit": escape(issued.unit_name),
        "until": issued.round.closes_at.astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M"),
        "code": _in_two_lines(printed(code)),
        "address": escape(address.partition("://")[2]),
        "qr": segno.make(link, error="m", micro=False).svg_inline(omitsize=True, border=4),
    }
