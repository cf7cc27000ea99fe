"""Does not lose, does not stop."""

from .breakage import Breakage

BACKUPS, PUBLISHING, EXITS = "trials/backups.py", "trials/services/publishing.py", "prescreen/views/exits.py"
SQLITE, DOWN, BACKUP, MEANWHILE = (f"tests/integration/test_{name}.py" for name in ("sqlite_policy", "database_down", "backup", "publishing_meanwhile"))
MIGRATION, MIGRATIONS = "trials/migrations/0003_desk.py", "tests/integration/test_migrations_there_and_back.py"
HANGS = "tests/integration/test_database_hangs.py -k limits"
COMMIT = "transaction.get_connection().connection.commit()"
"""What is written so far is there, whatever becomes of the rest of the transaction."""

BROKEN = (
    Breakage(
        "writers queue at the start", "prescreen/sqlite.py", '"transaction_mode": "IMMEDIATE"', '"transaction_mode": "DEFERRED"', f"{SQLITE} -k nothing_to_say"
    ),
    Breakage("a commit is on the disk", "prescreen/sqlite.py", 'else ("delete", "EXTRA")', 'else ("delete", "NORMAL")', SQLITE),
    Breakage("no log that can damage the file is used", "prescreen/sqlite.py", "SAFE_WAL = (3, 51, 3)", "SAFE_WAL = (3, 7, 0)", f"{SQLITE} -k ahead_log"),
    Breakage(
        "patients are served from memory",
        "trials/catalog.py",
        "if _current is None or not is_outage(fault) or connection.in_atomic_block:",
        "if True:",
        f"{DOWN} -k SQLite",
    ),
    Breakage("an outage is told as one", EXITS, "    if is_outage(sys.exc_info()[1]):", "    if False:", f"{DOWN} -k SQLite"),
    Breakage(
        "the health page tells who cannot serve", EXITS, 'status=200 if found["ready"] else 503', "status=200", f"{DOWN} tests/integration/test_health.py"
    ),
    Breakage(
        "a record comes in whole or not at all",
        "trials/importing/saving.py",
        "            with transaction.atomic():",
        "            if True:",
        "tests/integration/test_killed.py -k between_its_writes",
    ),
    Breakage(
        "no part of a record is committed before the rest",
        "trials/importing/saving.py",
        "    trial.as_of = draft.as_of or trial.as_of\n",
        f"    trial.as_of = draft.as_of or trial.as_of\n    {COMMIT}\n",
        "tests/integration/test_killed.py -k refresh",
    ),
    Breakage(
        "a refresh keeps the trials that are done",
        "trials/management/commands/refresh_trials.py",
        "                run_import(records,",
        "                from django.db import transaction\n\n                with transaction.atomic(): run_import(records,",
        "tests/integration/test_killed.py -k refresh",
    ),
    Breakage(
        "an import at the desk whose worker is killed leaves no part of a record",
        "trials/importing/saving.py",
        "                outcome = _import(record, tree, day)\n",
        f"                outcome = _import(record, tree, day)\n                {COMMIT}\n",
        "tests/integration/test_killed_workers.py -k import",
    ),
    Breakage(
        "an act at the desk and its line in the trail are done together, whoever is killed",
        PUBLISHING,
        "    trial.save(update_fields=SHOWN)\n    audit.record(Act.WITHDRAW",
        f"    trial.save(update_fields=SHOWN)\n    {COMMIT}\n    audit.record(Act.WITHDRAW",
        "tests/integration/test_killed_workers.py -k publishing",
    ),
    Breakage(
        "an answer outlives the worker that took it",
        "prescreen/answers.py",
        ".derive(secret.encode())",
        ".derive(secret.encode() + str(__import__('os').getpid()).encode())",
        "tests/integration/test_killed.py -k acknowledged",
    ),
    Breakage(
        "a migration loses no value",
        MIGRATION,
        "    apps.get_model('trials', 'Criterion')",
        "    apps.get_model('trials', 'Trial').objects.filter(nct_id='NCT40000007').update(summary='')\n    apps.get_model('trials', 'Criterion')",
        f"{MIGRATIONS} -k earlier",
    ),
    Breakage(
        "a migration loses no row",
        MIGRATION,
        "    apps.get_model('trials', 'Criterion')",
        "    apps.get_model('trials', 'Site').objects.filter(trial__nct_id='NCT40000007').delete()\n    apps.get_model('trials', 'Criterion')",
        f"{MIGRATIONS} -k earlier",
    ),
    Breakage("a request does not wait for ever", "prescreen/wsgi.py", "patience.be_in_force()\n", "", HANGS),
    Breakage(
        "a command waits as long as it takes",
        "prescreen/apps.py",
        "        desk_audit.connect()",
        "        desk_audit.connect()\n        __import__('prescreen.patience').patience.be_in_force()",
        HANGS,
    ),
    Breakage(
        "publishing is whole or not at all",
        PUBLISHING,
        "    with transaction.atomic():\n        _read_again(trial)",
        "    if True:\n        _read_again(trial)",
        "tests/integration/test_killed.py -k between_its_writes",
    ),
    Breakage(
        "trial files are loaded all or none",
        "trials/services/loading.py",
        "@transaction.atomic\ndef load_files",
        "def load_files",
        "tests/integration/test_load_commands.py tests/integration/test_bad_trial_files.py",
    ),
    Breakage("publishing puts back nothing that others changed", PUBLISHING, "        _read_again(trial)\n        faults", "        faults", MEANWHILE),
    Breakage(
        "what a newer index lacks is known",
        "trials/renewal.py",
        "apart=apart, is_behind=True)",
        "apart=apart, is_behind=False)",
        "tests/integration/test_older_index.py",
    ),
    Breakage("a damaged backup is not restored", BACKUPS, 'end.get("sha256") != digest.hexdigest()', "False", f"{BACKUP} -k damaged"),
    Breakage("a backup holds no address of who tried to sign in", BACKUPS, '("sessions", "axes")', '("sessions",)', f"{BACKUP} -k was_there"),
    Breakage("a backup holds no session", BACKUPS, '("sessions", "axes")', '("axes",)', f"{BACKUP} -k session"),
    Breakage(
        "a backup is of one moment, whoever writes meanwhile", BACKUPS, "        yield COPY\n", "        yield DEFAULT_DB_ALIAS\n", f"{BACKUP} -k changes_while"
    ),
    Breakage(
        "a disk that is full is told as one",
        "trials/outage.py",
        "OperationalError | InterfaceError | InternalError)",
        "InterfaceError | InternalError)",
        "tests/integration/test_disk_full.py -k desk",
    ),
    Breakage("a fault is dated in UTC", "prescreen/logs.py", "converter = time.gmtime", "converter = time.localtime", "tests/unit/test_log_times.py"),
    Breakage(
        "a clock set back ends no screening",
        "prescreen/answers.py",
        "if abs(int(time.time()) - _cipher().extract_timestamp(token)) > lifetime:",
        "if not 0 <= int(time.time()) - _cipher().extract_timestamp(token) <= lifetime:",
        "tests/integration/test_clock.py",
    ),
)
