"""What a person can read before answering. Tests check that the code keeps these promises."""

from collections.abc import Sequence

from assessment_service.domain.privacy_rule import PrivacyRule

_SV = (
    "Medan omgången är öppen är dina svar konfidentiella: de lagras krypterade, utan namn och"
    " tidpunkt, och nyckeln förvaras utanför databasen. {mode} När resultaten har släppts raderas"
    " svaren och nyckeln förstörs: kvar finns bara resultaten. Du kan ändra dina svar tills"
    " omgången stänger."
    " Din egen profil visas bara för dig, när du har svarat, och sparas inte."
    " Andra ser bara avrundade värden för enheten, och bara om minst {k} personer har svarat, inte"
    " alla lika, och ingen mindre grupp kan räknas fram. Att ingen i en enhet har svarat går aldrig"
    " att se. Hur många som deltog visas bara som ett intervall."
)
_EN = (
    "While the round is open your answers are confidential: they are stored encrypted, without"
    " name or time, and the key is kept outside the database. {mode} Once the results are released"
    " the"
    " answers are deleted and the key is destroyed: only the results remain. You can change your"
    " answers until the round closes. Your own profile is shown only to you, when you have"
    " answered, and is not kept. Others see only rounded values for the unit, and only if at least"
    " {k} people answered, not all of them alike, and no smaller group can be worked out. Nobody"
    " can see that no one in a unit answered. How many took part is shown only as a range."
)


_ALONE = (
    "Ingen sida och inget program visar ett svar, men den som driver servrarna skulle kunna bryta"
    " sig in och läsa svar så länge omgången är öppen.",
    "No page and no program shows an answer, but whoever runs the servers could break in and read"
    " answers while the round is open.",
)
_WITH_CUSTODIAN = (
    "Plattformen kan inte öppna svaren ensam: en del av nyckeln finns hos någon utanför den, som"
    " regionen har valt, tills omgången har stängt.",
    "The platform cannot open the answers alone: a part of the key is with somebody outside it,"
    " whom the region has chosen, until the round has closed.",
)


_TOGETHER = {
    "sv": " Din enhet visas aldrig för sig, bara tillsammans med {others}: ni räknas som en enda"
    " enhet, eftersom minst en av er är liten.",
    "en": " Your unit is never shown by itself, only together with {others}: you count as one"
    " single unit, because at least one of you is small.",
}


def who_sees_what(
    rule: PrivacyRule, has_custodian: bool, others: Sequence[str] = ()
) -> dict[str, str]:
    """The statement by language, with the group size and the mode that are really in force.

    `others` are the names of the units that the round's unit is reported with.
    """
    sv, en = _WITH_CUSTODIAN if has_custodian else _ALONE
    texts = {"sv": _SV.format(k=rule.k, mode=sv), "en": _EN.format(k=rule.k, mode=en)}
    if others:
        for (language, together), word in zip(_TOGETHER.items(), ("och", "and"), strict=True):
            texts[language] += together.format(others=_listed(others, word))
    return texts


def _listed(names: Sequence[str], word: str) -> str:
    *first, last = names
    return f"{', '.join(first)} {word} {last}" if first else last
