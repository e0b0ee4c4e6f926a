"""The history's tables, and the way from each version of them to the next. One SQL for SQLite and PostgreSQL.

Times are texts that sort (`times.stamp`), flags are 0 and 1, and `number` only says what came first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.errors import UsageError

if TYPE_CHECKING:
    from prober.canary.database import Database

# What a new version needs is added as a further entry; an entry that users have is never changed.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE runs (
             id TEXT PRIMARY KEY, number BIGINT NOT NULL UNIQUE, started_at TEXT NOT NULL, ended_at TEXT NOT NULL,
             state TEXT NOT NULL, verdict TEXT, exit_status BIGINT, release TEXT, profile TEXT, depth TEXT,
             counts TEXT NOT NULL, requests BIGINT NOT NULL, elapsed_ms BIGINT NOT NULL, said TEXT NOT NULL,
             news BIGINT NOT NULL, report {BLOB})""",
        "CREATE INDEX runs_by_end ON runs (ended_at)",
        """CREATE TABLE standing (
             finding TEXT PRIMARY KEY, verdict TEXT, reason TEXT NOT NULL, detail TEXT NOT NULL,
             since_run TEXT NOT NULL, since_at TEXT NOT NULL, since_release TEXT, since_before TEXT,
             seen_at TEXT NOT NULL, told_at TEXT,
             next_verdict TEXT, next_reason TEXT, next_detail TEXT, next_run TEXT, next_at TEXT, next_release TEXT,
             next_before TEXT, next_runs BIGINT)""",
        """CREATE TABLE changes (
             number BIGINT PRIMARY KEY, finding TEXT NOT NULL, kind TEXT NOT NULL, was TEXT, verdict TEXT,
             reason TEXT NOT NULL, detail TEXT NOT NULL, run TEXT NOT NULL, happened_at TEXT NOT NULL, release TEXT,
             release_before TEXT, since TEXT, seconds BIGINT)""",
        "CREATE INDEX changes_by_time ON changes (happened_at)",
        """CREATE TABLE alerts (
             id TEXT PRIMARY KEY, number BIGINT NOT NULL, receiver TEXT NOT NULL, made_at TEXT NOT NULL,
             due BIGINT NOT NULL, tries BIGINT NOT NULL, message TEXT, failed TEXT, unwanted BIGINT NOT NULL,
             told_at TEXT)""",
        "CREATE INDEX alerts_due ON alerts (told_at, due)",
        """CREATE TABLE beats (
             number BIGINT PRIMARY KEY, happened_at TEXT NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL,
             count BIGINT NOT NULL)""",
        "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    ),
)
VERSION = len(MIGRATIONS)
_VERSIONS = "CREATE TABLE IF NOT EXISTS prober_history (version BIGINT NOT NULL)"

ADD_RUN = """INSERT INTO runs (id, number, started_at, ended_at, state, verdict, exit_status, release, profile, depth,
    counts, requests, elapsed_ms, said, news, report)
  VALUES (:id, (SELECT COALESCE(MAX(number), 0) + 1 FROM runs), :started_at, :ended_at, :state, :verdict, :exit_status,
    :release, :profile, :depth, :counts, :requests, :elapsed_ms, :said, :news, :report)"""
IS_RUN = "SELECT 1 FROM runs WHERE id = :id"
_COLUMNS = (
    "verdict", "reason", "detail", "since_run", "since_at", "since_release", "since_before", "seen_at", "told_at",
    "next_verdict", "next_reason", "next_detail", "next_run", "next_at", "next_release", "next_before", "next_runs",
)  # fmt: skip
PUT_STATE = f"""INSERT INTO standing (finding, {", ".join(_COLUMNS)})
  VALUES (:finding, {", ".join(f":{name}" for name in _COLUMNS)})
  ON CONFLICT (finding) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)}"""  # noqa: S608 - our own names
ALL_STATES = f"SELECT finding, {', '.join(_COLUMNS)} FROM standing ORDER BY finding"  # noqa: S608 - the same
DROP_STATE = "DELETE FROM standing WHERE finding = :finding"
ADD_CHANGE = """INSERT INTO changes (number, finding, kind, was, verdict, reason, detail, run, happened_at, release,
    release_before, since, seconds)
  VALUES ((SELECT COALESCE(MAX(number), 0) + 1 FROM changes), :finding, :kind, :was, :verdict, :reason, :detail, :run,
    :happened_at, :release, :release_before, :since, :seconds)"""
_CHANGES = """SELECT finding, kind, was, verdict, reason, detail, happened_at, release, release_before, since,
    seconds, number FROM changes WHERE happened_at >= :since AND"""
# Apart, so that no outage of a hundred routes crowds a door out of what is shown.
LEAKS_SINCE = f"{_CHANGES} (was = 'leak' OR verdict = 'leak') ORDER BY number DESC LIMIT :most"
OTHERS_SINCE = (
    f"{_CHANGES} COALESCE(was, '') <> 'leak' AND COALESCE(verdict, '') <> 'leak' ORDER BY number DESC LIMIT :most"
)
ADD_ALERT = """INSERT INTO alerts (id, number, receiver, made_at, due, tries, message, unwanted)
  VALUES (:id, (SELECT COALESCE(MAX(number), 0) + 1 FROM alerts), :receiver, :made_at, :due, 0, :message, 0)
  ON CONFLICT (id) DO NOTHING"""
WAITING = """SELECT id, due, tries, message, unwanted FROM alerts WHERE told_at IS NULL AND receiver = :receiver
  ORDER BY number LIMIT 100"""
ALERT_DELIVERED = "UPDATE alerts SET told_at = :at, message = NULL, failed = NULL, tries = tries + 1 WHERE id = :id"
ALERT_FAILED = "UPDATE alerts SET due = :due, failed = :failed, unwanted = :unwanted, tries = tries + 1 WHERE id = :id"
ALERTS_OPEN = "SELECT receiver, made_at, tries, failed FROM alerts WHERE told_at IS NULL ORDER BY number LIMIT :most"
ADD_BEAT = """INSERT INTO beats (number, happened_at, kind, detail, count)
  VALUES ((SELECT COALESCE(MAX(number), 0) + 1 FROM beats), :at, :kind, :detail, :count)"""
BEATS_SINCE = (
    "SELECT happened_at, kind, detail, count FROM beats WHERE happened_at >= :since ORDER BY number DESC LIMIT :most"
)
LAST_RUNS = """SELECT id, started_at, ended_at, state, verdict, exit_status, release, profile, depth, counts, requests,
    elapsed_ms, said, report IS NOT NULL FROM runs WHERE ended_at >= :since ORDER BY number DESC LIMIT :most"""
FIRST_RUN = "SELECT MIN(started_at) FROM runs WHERE ended_at >= :since"
RELEASES = """SELECT release, MIN(started_at) FROM runs WHERE ended_at >= :since AND release IS NOT NULL
  GROUP BY release ORDER BY 2 DESC LIMIT :most"""
LAST_RELEASE = "SELECT release FROM runs WHERE release IS NOT NULL ORDER BY number DESC LIMIT 1"
NEWEST_END = "SELECT MAX(ended_at) FROM runs"
REPORT_OF = "SELECT report FROM runs WHERE id = :id"
PUT_FACT = (
    "INSERT INTO facts (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
FACT = "SELECT value FROM facts WHERE name = :name"

# What keeps a history from growing for ever. A run without news is as good as a line: of those, only the last have
# their report; of those with news, the last hundreds.
REPORTS_WITHOUT_NEWS, REPORTS_WITH_NEWS = 20, 300
SWEEP = (
    """UPDATE runs SET report = NULL WHERE report IS NOT NULL AND number NOT IN (
         SELECT number FROM runs WHERE report IS NOT NULL ORDER BY number DESC LIMIT :without_news)
       AND (news = 0 OR number NOT IN (
         SELECT number FROM runs WHERE report IS NOT NULL AND news = 1 ORDER BY number DESC LIMIT :with_news))""",
    "DELETE FROM runs WHERE ended_at < :runs_before",
    "DELETE FROM beats WHERE happened_at < :runs_before",
    "DELETE FROM alerts WHERE made_at < :runs_before",
    "DELETE FROM changes WHERE happened_at < :changes_before",
    "DELETE FROM changes WHERE number <= (SELECT COALESCE(MAX(number), 0) - :most_changes FROM changes)",
)
MOST_CHANGES = 200_000


def migrate(database: Database) -> None:
    """Bring the tables forward; those of a newer prober are left alone, since what they mean is not known here."""
    with database.transaction():
        database.execute(_VERSIONS)
        at = version_of(database)
        for statements in MIGRATIONS[at:]:
            for statement in statements:
                database.execute(statement.replace("{BLOB}", database.blob))
        if at == 0:
            database.execute("INSERT INTO prober_history (version) VALUES (:version)", [{"version": VERSION}])
        elif at < VERSION:
            database.execute("UPDATE prober_history SET version = :version", [{"version": VERSION}])


def version_of(database: Database) -> int:
    """Give the version of the tables that are there; 0 where there are none."""
    found = database.query("SELECT version FROM prober_history")
    version = int(str(found[0][0])) if found else 0
    if version > VERSION:
        what = f"the history is of version {version}, and this prober knows up to {VERSION}"
        raise UsageError(what, fix="use the newer prober that wrote it, or another --history")
    return version
