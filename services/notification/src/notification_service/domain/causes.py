"""Why a unit's journey cannot go on, in plain words for a mail to administrators.

The codes are those of the other services' problems. An unknown one is a fault that only its service
can explain.
"""

from collections.abc import Mapping

from notification_service.domain.contact import Language

_CAUSES: Mapping[str, Mapping[Language, str]] = {
    "unit-without-people": {
        "sv": "Enheten har inga medarbetare. Rätta antalet medarbetare på enheten.",
        "en": "The unit has no people. Correct the unit's number of people.",
    },
    "unit-not-a-leaf": {
        "sv": "Enheten har andra enheter under sig. En självskattning görs i enheterna under.",
        "en": "The unit has other units below it. A self-assessment is done in those below.",
    },
    "unit-unknown": {
        "sv": "Tjänsten som behövs för steget känner inte till enheten.",
        "en": "The service that the step needs does not know the unit.",
    },
    "rollout-unknown": {
        "sv": "Tjänsten som behövs för steget känner inte till införandet.",
        "en": "The service that the step needs does not know the rollout.",
    },
    "instrument-unknown": {
        "sv": "Frågorna som mallen anger finns inte i den versionen. Publicera dem.",
        "en": "The questions that the template names do not exist in that version. Publish them.",
    },
    "module-not-published": {
        "sv": "En modul som mallen anger är inte publicerad. Publicera den.",
        "en": "A module that the template names is not published. Publish it.",
    },
    "module-unknown": {
        "sv": "En modul som mallen anger finns inte. Lägg in den och publicera den.",
        "en": "A module that the template names does not exist. Add it and publish it.",
    },
    "window-over": {
        "sv": "Självskattningen skulle stänga innan den öppnar. Se över tiderna.",
        "en": "The self-assessment would close before it opens. Check the times.",
    },
    "window-too-long": {
        "sv": "Självskattningen skulle vara öppen för länge. Se över tiderna.",
        "en": "The self-assessment would be open for too long. Check the times.",
    },
}
_UNKNOWN: Mapping[Language, str] = {
    "sv": "En annan tjänst säger nej. Central IT kan se varför med hjälp av koden.",
    "en": "Another service refuses it. Central IT can find out why by the code.",
}


def cause_of(code: str, language: Language) -> str:
    """What is wrong, and what to do."""
    return _CAUSES.get(code, _UNKNOWN)[language]
