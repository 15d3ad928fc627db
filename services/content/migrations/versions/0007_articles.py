"""Articles for everybody, their editions, search over public texts, and the inbox of questions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
_WORDS = """
    case language when 'sv' then
        setweight(to_tsvector('swedish', title), 'A')
        || setweight(to_tsvector('swedish', body), 'D')
    else
        setweight(to_tsvector('english', title), 'A')
        || setweight(to_tsvector('english', body), 'D')
    end
"""
_PUBLISHED_MODULES = """
    insert into public_texts (kind, id, language, title, body)
    select 'module', version.module_id, language,
        version.content -> 'title' ->> language, version.content -> 'summary' ->> language
    from module_versions as version
    join modules as module using (module_id, version)
    cross join unnest(array['sv', 'en']) as language
"""


def upgrade() -> None:
    op.create_table(
        "articles",
        sa.Column("article_id", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("draft", JSONB, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("is_public", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_articles"),
    )
    op.create_table(
        "article_editions",
        sa.Column("article_id", sa.String, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("article_id", "edition", name="pk_article_editions"),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.article_id"], name="fk_article_editions_article_id_articles"
        ),
    )
    op.create_table(
        "public_texts",
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("id", sa.String, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("body", sa.String, nullable=False),
        sa.Column("words", TSVECTOR, sa.Computed(_WORDS, persisted=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", "language", name="pk_public_texts"),
    )
    op.create_index("ix_public_texts_words", "public_texts", ["words"], postgresql_using="gin")
    op.execute(_PUBLISHED_MODULES)
    op.create_table(
        "questions",
        sa.Column("question_id", sa.Uuid, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("asked_by", sa.String, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("article_id", sa.String),
        sa.Column("reason", sa.String),
        sa.Column("handled_at", MOMENT),
        sa.PrimaryKeyConstraint("question_id", name="pk_questions"),
    )
    op.create_index("ix_questions_asked_by", "questions", ["asked_by"])
