"""The words of the issuer's pages, in English and Swedish."""

from collections.abc import Mapping

from fastapi import Request

LANGUAGES = {"en": "In English", "sv": "På svenska"}

TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "sign-in": "Sign in",
        "for-development": "For development only: anybody can be anyone here, without a password.",
        "personas": "Sample people",
        "persons": "People of the imported file",
        "name-or-id": "Name or id",
        "search": "Search",
        "shown": "{shown} of {found} are shown.",
        "narrow": "Search for the others by name or id.",
        "nobody": "Nobody in the file has that name or id.",
        "name": "Name",
        "id": "Id",
        "held": "Role and unit",
        "anybody": "Somebody else",
        "any-id": "Id of anybody whom the people service knows, after person:",
        "cancel": "Cancel",
        "everywhere": "the whole region",
        "no-role": "no role",
        "sessions": "Who is signed in",
        "nobody-signed-in": "Nobody is signed in.",
        "since": "Since (UTC)",
        "end": "End",
        "end-this": "End this session",
        "end-all": "End all of this person",
        "ended": "Sessions ended: {ended}. The portal has confirmed: {confirmed}.",
        "signed-out": "You are signed out",
    },
    "sv": {
        "sign-in": "Logga in",
        "for-development": "Bara för utveckling: här kan vem som helst vara vem som helst, utan"
        " lösenord.",
        "personas": "Exempelpersoner",
        "persons": "Personer i den inlästa filen",
        "name-or-id": "Namn eller id",
        "search": "Sök",
        "shown": "{shown} av {found} visas.",
        "narrow": "Sök efter övriga med namn eller id.",
        "nobody": "Ingen i filen har det namnet eller det id:t.",
        "name": "Namn",
        "id": "Id",
        "held": "Roll och enhet",
        "anybody": "Någon annan",
        "any-id": "Id för någon som persontjänsten känner till, efter person:",
        "cancel": "Avbryt",
        "everywhere": "hela regionen",
        "no-role": "ingen roll",
        "sessions": "Vilka som är inloggade",
        "nobody-signed-in": "Ingen är inloggad.",
        "since": "Sedan (UTC)",
        "end": "Avsluta",
        "end-this": "Avsluta den här sessionen",
        "end-all": "Avsluta alla för den här personen",
        "ended": "Avslutade sessioner: {ended}. Portalen har bekräftat: {confirmed}.",
        "signed-out": "Du är utloggad",
    },
}

ROLES: Mapping[str, Mapping[str, str]] = {
    "sv": {
        "employee": "medarbetare",
        "manager": "chef",
        "deputy": "ersättare",
        "facilitator": "processtödjare",
        "safety_representative": "skyddsombud",
        "strategist": "strateg",
        "administrator": "administratör",
        "approver": "beslutsfattare",
        "auditor": "granskare",
        "operator": "driftansvarig",
        "service": "tjänst",
        "subscriber": "prenumerant",
        "provisioner": "kontosystem",
    },
}


def role_name(role: str, language: str) -> str:
    """The role as a person calls it; an unknown one as it is written."""
    return ROLES.get(language, {}).get(role, role.replace("_", " "))


def language_of(request: Request) -> str:
    """Asked for by `ui_locales` (OpenID Connect Core, 3.1.2.1), else the browser's, else English.

    Weights are ignored: browsers send the preferred language first.
    """
    wanted = request.query_params.get("ui_locales", "").split()
    accepted = request.headers.get("accept-language", "").split(",")
    for one in (*wanted, *accepted):
        language = one.strip().partition(";")[0].partition("-")[0].lower()
        if language in LANGUAGES:
            return language
    return "en"
