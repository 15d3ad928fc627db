"""What a person can read before answering. Tests check that the code keeps these promises."""

from assessment_service.domain.privacy_rule import PrivacyRule

_SV = (
    "Medan omgången är öppen är dina svar konfidentiella: de lagras krypterade, utan namn och"
    " tidpunkt, och nyckeln förvaras utanför databasen. När resultaten har släppts raderas"
    " svaren och nyckeln förstörs: kvar finns bara resultaten. Du kan ändra dina svar tills"
    " omgången stänger."
    " Din egen profil visas bara för dig, när du har svarat, och sparas inte."
    " Andra ser bara avrundade värden för enheten, och bara om minst {k} personer har svarat, inte"
    " alla lika, och ingen mindre grupp kan räknas fram. Att ingen i en enhet har svarat går aldrig"
    " att se. Hur många som deltog visas bara som ett intervall."
)
_EN = (
    "While the round is open your answers are confidential: they are stored encrypted, without"
    " name or time, and the key is kept outside the database. Once the results are released the"
    " answers are deleted and the key is destroyed: only the results remain. You can change your"
    " answers until the round closes. Your own profile is shown only to you, when you have"
    " answered, and is not kept. Others see only rounded values for the unit, and only if at least"
    " {k} people answered, not all of them alike, and no smaller group can be worked out. Nobody"
    " can see that no one in a unit answered. How many took part is shown only as a range."
)


def who_sees_what(rule: PrivacyRule) -> dict[str, str]:
    """The statement by language, with the group size that is really in force."""
    return {"sv": _SV.format(k=rule.k), "en": _EN.format(k=rule.k)}
