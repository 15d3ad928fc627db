"""One transaction over everything that this service stores."""

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from assessment_service.adapters.answered_keys import SqlAnsweredKeys
from assessment_service.adapters.cells import SqlCells
from assessment_service.adapters.instruments import SqlInstruments
from assessment_service.adapters.key_destructions import SqlKeyDestructions
from assessment_service.adapters.keyed_sheets import SqlKeyedSheets
from assessment_service.adapters.outbound import translate
from assessment_service.adapters.pauses import SqlPauses
from assessment_service.adapters.publications import SqlPublications
from assessment_service.adapters.report_groups import SqlReportGroups
from assessment_service.adapters.rollouts import SqlRollouts
from assessment_service.adapters.rounds import SqlReleases, SqlRounds
from assessment_service.adapters.self_tests import SqlSelfTests
from assessment_service.adapters.units import SqlUnits
from assessment_service.application import ports, reminding, self_testing
from servicekit.db import SqlUnitOfWork

SOURCE = "/um-platform/assessment"


class AssessmentUnitOfWork(SqlUnitOfWork):
    """The port `UnitOfWork`."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine, translate, SOURCE)

    def bind(self, connection: AsyncConnection) -> None:
        self.instruments: ports.Instruments = SqlInstruments(connection)
        self.units: ports.Units = SqlUnits(connection)
        self.rollouts: ports.Rollouts = SqlRollouts(connection)
        self.releases: ports.Releases = SqlReleases(connection)
        self.rounds: ports.Rounds = SqlRounds(connection)
        self.pauses: ports.Pauses = SqlPauses(connection)
        self.keyed_sheets: ports.KeyedSheets = SqlKeyedSheets(connection)
        self.cells: ports.Cells = SqlCells(connection)
        self.publications: ports.Publications = SqlPublications(connection)
        self.report_groups: ports.ReportGroups = SqlReportGroups(connection)
        self.key_destructions: ports.KeyDestructions = SqlKeyDestructions(connection)
        self.answered_keys: reminding.AnsweredKeys = SqlAnsweredKeys(connection)
        self.self_tests: self_testing.SelfTests = SqlSelfTests(connection)
