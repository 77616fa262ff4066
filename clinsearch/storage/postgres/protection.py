"""Row-level security: what a role that is not the tables' owner may see of a collection, and change in it.

Policies are there in every collection, and concern its owner never. A role that sees some notes alone sees of other
tables only what belongs to these notes; where that cannot be told row by row, as of keywords, whose rows are of all
notes, it sees nothing, and a function of the owner's answers for what it may see. A table that this module does not
know is closed to such a role.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from clinsearch.storage.postgres.tables import SCHEMA

# The kinds of grants: to see all, to see and change all, to see the notes of a patient, and those of a source.
READS, WRITES, PATIENT, SOURCE = "reads", "writes", "patient", "source"

GRANT_TABLE = (
    """CREATE TABLE grants (
        role text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, value text COLLATE "C" NOT NULL)""",
    # By hash: an id or a path may be longer than what a B-tree takes.
    "CREATE INDEX ix_grants_value ON grants USING hash (value)",
)

_SEES_ALL = f"(SELECT {SCHEMA}.sees_all())"
_WRITES = f"(SELECT {SCHEMA}.writes())"
_OWN_GRANT = f"own.role = ANY ((SELECT {SCHEMA}.granted_roles())::text[])"


def seen_note(note: str) -> str:
    """Return the condition that a role that sees some notes alone sees this one."""
    return f"""(EXISTS (SELECT FROM {SCHEMA}.grants AS own
        WHERE own.kind = '{PATIENT}' AND own.value = {note}.patient_id AND {_OWN_GRANT})
        OR EXISTS (SELECT FROM {SCHEMA}.grants AS own
        WHERE own.kind = '{SOURCE}' AND starts_with({note}.source, own.value) AND {_OWN_GRANT}))"""


def _of_note(key: str) -> str:
    return f"EXISTS (SELECT FROM {SCHEMA}.notes AS seen WHERE seen.key = {key})"


def _of_sentence(key: str) -> str:
    return f"EXISTS (SELECT FROM {SCHEMA}.occurrences AS seen WHERE seen.sentence = {key})"


# Which rows of a table a role that sees some notes alone sees: policies see other tables as that role does.
SEEN = {
    "notes": seen_note("notes"),
    **{table: _of_note(f"{table}.note") for table in ("sections", "languages", "occurrences")},
    **{table: _of_note(f"{table}.key") for table in ("note_vectors", "opening_vectors")},
    **{table: _of_sentence(f"{table}.key") for table in ("sentences", "sentence_vectors")},
    **{table: _of_sentence(f"{table}.sentence") for table in ("assertions", "measurements", "sentence_words")},
}
# These say nothing of single notes: how vectors are made, corrected and searched, how many keys were ever given, and
# where the other databases of the collection are.
OPEN = (
    "alembic_version",
    "collection",
    "corrections",
    "next_keys",
    "remains",
    "shard",
    "shard_addresses",
    "vector_recall",
    "vector_segments",
)
# Everyone's own rows. A writer that deletes notes deletes the last searches of all with them.
OWN = ("last_searches", "saved_searches")
FORGOTTEN = "last_searches"
OF_GRANTS = "grants"

# The owner's functions, as fixed as can be: what they call is named with its schema.
_CALL = "LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = pg_catalog, pg_temp"
# Who set a role has that role's grants, and the session's user else.
_ACTING = "CASE pg_catalog.current_setting('role') WHEN 'none' THEN SESSION_USER::text " + (
    "ELSE pg_catalog.current_setting('role') END"
)


def _has_grant(*kinds: str) -> str:
    any_kind = ", ".join(f"'{kind}'" for kind in kinds)
    return (
        f"SELECT EXISTS (SELECT FROM {SCHEMA}.grants AS own WHERE own.kind IN ({any_kind}) "
        f"AND own.role = ANY ({SCHEMA}.granted_roles()))"
    )


FUNCTIONS = {
    "granted_roles()": f"""RETURNS text[] {_CALL} AS $$SELECT coalesce(array_agg(rolname::text), '{{}}')
        FROM pg_catalog.pg_roles WHERE pg_catalog.pg_has_role({_ACTING}, oid, 'USAGE')$$""",
    "sees_all()": f"RETURNS boolean {_CALL} AS $${_has_grant(READS, WRITES)}$$",
    "writes()": f"RETURNS boolean {_CALL} AS $${_has_grant(WRITES)}$$",
    # The lengths of texts in terms stay those of all: their mean tells nothing of any one.
    "seen_counts()": f"""RETURNS TABLE (name text, rows bigint) {_CALL} AS $$
        WITH seen AS MATERIALIZED (
            SELECT notes.key FROM {SCHEMA}.notes WHERE {_SEES_ALL} OR {seen_note("notes")}),
        places AS MATERIALIZED (
            SELECT occurrences.note, occurrences.sentence FROM {SCHEMA}.occurrences JOIN seen ON seen.key = note),
        own (name, rows) AS (
            SELECT 'notes', count(*) FROM seen
            UNION ALL SELECT 'notes_with_sentences', count(DISTINCT note) FROM places
            UNION ALL SELECT 'sentences', count(DISTINCT sentence) FROM places
            UNION ALL SELECT 'occurrences', count(*) FROM places)
        SELECT own.name, own.rows FROM own
        UNION ALL
        SELECT of_kind.terms, coalesce(round(terms.rows::numeric * own.rows / nullif(texts.rows, 0)), 0)::bigint
        FROM (VALUES ('sentence_terms', 'sentences'), ('note_terms', 'notes')) AS of_kind (terms, texts)
        JOIN {SCHEMA}.counts AS terms ON terms.name = of_kind.terms
        JOIN {SCHEMA}.counts AS texts ON texts.name = of_kind.texts JOIN own ON own.name = of_kind.texts$$""",
}


def _seen_places(kind: str, is_seen: str) -> str:
    """Return the function that reads postings, as `postings` does, and keeps the places in texts that a role sees."""
    return f"""RETURNS TABLE (key bigint, place bigint, length bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    #variable_conflict use_column
    DECLARE
        written record; token bigint; tokens bigint[]; of_texts bigint[]; steps bigint[];
        keys bigint[]; places bigint[]; lengths bigint[]; signs integer[];
        now_key bigint := 0; now_place bigint := 0; sign integer := 1; text integer := 0; number integer := 0;
        is_head boolean := false; is_new boolean;
    BEGIN
        SELECT string_agg(said.keys, ''::bytea) AS keys, string_agg(said.lengths, ''::bytea) AS lengths,
            string_agg(said.positions, ''::bytea) AS positions INTO written
        FROM (SELECT own.keys, own.lengths, own.positions FROM {SCHEMA}.{kind}_postings AS own
            WHERE own.term BETWEEN low AND high
            UNION ALL
            SELECT own.keys, own.lengths, own.positions FROM {SCHEMA}.{kind}_recent AS recent,
                unnest(recent.terms, recent.keys, recent.lengths, recent.positions)
                AS own (term, keys, lengths, positions)
            WHERE recent.opening BETWEEN left(low, 2) AND left(high, 2) AND own.term BETWEEN low AND high) AS said;
        tokens := {SCHEMA}.numbers_in(written.keys);
        of_texts := {SCHEMA}.numbers_in(written.lengths);
        steps := {SCHEMA}.numbers_in(written.positions);
        IF tokens IS NULL THEN RETURN; END IF;
        FOREACH token IN ARRAY tokens LOOP
            IF token = 0 THEN is_head := true; CONTINUE; END IF;
            is_new := is_head OR token > 1;
            IF is_head THEN
                now_key := (token - 1) / 2; sign := 1 - 2 * mod(token - 1, 2)::integer; is_head := false;
            ELSE
                now_key := now_key + token - 1;
            END IF;
            IF is_new THEN text := text + 1; now_place := 0; END IF;
            number := number + 1;
            now_place := now_place + steps[number];
            keys[number] := now_key; places[number] := now_place;
            lengths[number] := of_texts[text]; signs[number] := sign;
        END LOOP;
        RETURN QUERY SELECT said.key, said.place, said.length
            FROM unnest(keys, places, lengths, signs) AS said (key, place, length, sign)
            WHERE {_SEES_ALL} OR {is_seen}
            GROUP BY said.key, said.place, said.length HAVING sum(said.sign) > 0 ORDER BY 1, 2;
    END$$"""


# What `varints.to_varints` wrote, and NULL of NULL.
_NUMBERS = """RETURNS bigint[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        found bigint[]; count integer := 0; number bigint := 0; bits integer := 0; byte integer;
    BEGIN
        FOR at IN 0 .. octet_length(written) - 1 LOOP
            byte := get_byte(written, at);
            number := number | ((byte & 127)::bigint << bits);
            IF byte > 127 THEN
                bits := bits + 7;
            ELSE
                count := count + 1; found[count] := number; number := 0; bits := 0;
            END IF;
        END LOOP;
        RETURN found;
    END$$"""
_SEEN_KEY = {
    "note": f"EXISTS (SELECT FROM {SCHEMA}.notes WHERE notes.key = said.key AND {seen_note('notes')})",
    "sentence": f"""EXISTS (SELECT FROM {SCHEMA}.occurrences JOIN {SCHEMA}.notes ON notes.key = occurrences.note
        WHERE occurrences.sentence = said.key AND {seen_note("notes")})""",
}
FUNCTIONS |= {
    "numbers_in(written bytea)": _NUMBERS,
    **{f"seen_{kind}_places(low text, high text)": _seen_places(kind, seen) for kind, seen in _SEEN_KEY.items()},
}


def create_grants(connection: Connection) -> None:
    """Create the table of grants and the functions that go by it, for nobody but the owner yet."""
    for statement in GRANT_TABLE:
        connection.execute(text(statement))
    for name, body in FUNCTIONS.items():
        connection.exec_driver_sql(f"CREATE FUNCTION {SCHEMA}.{name} {body}")
        connection.exec_driver_sql(f"REVOKE ALL ON FUNCTION {SCHEMA}.{name} FROM PUBLIC")


def protect(connection: Connection) -> None:
    """Put policies on the tables that have none yet."""
    query = """SELECT relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = :schema AND c.relkind = 'r' AND NOT c.relrowsecurity ORDER BY relname"""
    for table in connection.scalars(text(query), {"schema": SCHEMA}).all():
        for policy in _policies(table):
            connection.exec_driver_sql(f"CREATE POLICY {policy.replace(' ON ', f' ON {SCHEMA}.', 1)}")
        connection.exec_driver_sql(f"ALTER TABLE {SCHEMA}.{table} ENABLE ROW LEVEL SECURITY")


def _policies(table: str) -> Iterator[str]:
    if table in OWN:
        yield f"own ON {table} USING (role = CURRENT_USER) WITH CHECK (role = CURRENT_USER)"
        if table == FORGOTTEN:
            yield f"writing ON {table} FOR DELETE USING ({_WRITES})"
        return
    if table == OF_GRANTS:
        yield f"reading ON {table} FOR SELECT USING (role = ANY ((SELECT {SCHEMA}.granted_roles())::text[]))"
        return
    seen = "true" if table in OPEN else _SEES_ALL
    if table in SEEN:
        seen = f"{_SEES_ALL} OR {SEEN[table]}"
    yield f"reading ON {table} FOR SELECT USING ({seen})"
    yield f"writing ON {table} USING ({_WRITES}) WITH CHECK ({_WRITES})"
