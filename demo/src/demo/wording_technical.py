"""The words of the technical page only."""

from demo.wording import Words

CHECKS: dict[str, Words] = {
    "events_published": ("Händelser, databas till Kafka", "Events, database to Kafka"),
    "units_registered": ("Enheter i filen, som händelser", "Units of the file, as events"),
    "rounds_opened": ("Omgångar per enhet och tillfälle", "Rounds per unit and occasion"),
    "results_released": ("Resultat visade, ett per omgång", "Results released, one per round"),
    "rounds_anonymised": ("Omgångar med förstörd nyckel", "Rounds with their key destroyed"),
    "invitations_mailed": ("Inbjudningar, en per person", "Invitations, one per person"),
    "answers_counted": ("Godtagna svar, räknade i resultaten", "Accepted answers, in results"),
    "meetings": ("Träffar, från anmälan till händelse", "Meetings, reported to events"),
    "actions": ("Handlingar, från val till händelse", "Actions, reported to events"),
    "check_backs": ("Uppföljda handlingar", "Actions checked back"),
    "journeys_completed": ("Enheter som är klara", "Units that are through"),
    "mails_delivered": ("Utskick som mejl, efter Message-ID", "Messages as mails, by Message-ID"),
    "webhooks_verified": ("Webhooks med rätt signatur", "Webhooks with the right signature"),
    "foreign_subscriber": ("Läst av ett annat system", "Read by another system"),
}
# The parts of the story, by the number that their title begins with.
PARTS: dict[str, Words] = {
    "1": ("Import: enheter, personer, självskattning, moduler", "Import: units, people, modules"),
    "2": ("Pilot: fyra enheter", "Pilot: four units"),
    "3": ("Utvärdering: avstämningen", "Evaluation: the gate"),
    "4": ("Beslut: två personer", "Decision: two people"),
    "5": ("Breddinförande: alla övriga enheter", "Wide introduction: all other units"),
}
ACTIONS: dict[str, Words] = {
    "start_broad_introduction": ("Starta breddinförandet", "Start the wide introduction"),
    "start_pilot": ("Starta piloten", "Start the pilot"),
    "propose_decision": ("Föreslå ett beslut", "Propose a decision"),
    "approve_decision": ("Godkänna beslutet", "Approve the decision"),
    "extend_pilot": ("Förlänga piloten", "Extend the pilot"),
}
REFUSALS: dict[str, Words] = {
    "not-decided": ("Det finns inget godkänt beslut.", "There is no approved decision."),
    "prerequisites-missing": (
        "Riskbedömning och samverkan är inte registrerade för vågen.",
        "The wave has no recorded risk assessment and joint consultation.",
    ),
    "gate-inconclusive": (
        "Avstämningen går inte att avgöra. En människa måste ta ställning först.",
        "The gate is inconclusive. A person must set it first.",
    ),
    "extension-changes-nothing": (
        "Avstämningen bygger på resultat som redan är visade. Mer tid ändrar dem inte.",
        "The gate uses results that are already released. More time does not change them.",
    ),
    "stale-version": (
        "Någon annan har ändrat sedan sidan lästes. Läs igen och försök på nytt.",
        "Somebody else has changed it since it was read. Read it again and retry.",
    ),
    "four-eyes": (
        "Den som har föreslagit ett beslut får inte godkänna det.",
        "The person who proposed a decision cannot approve it.",
    ),
}
