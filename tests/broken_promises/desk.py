"""The desk: who may do what, what is told of it, and what is brought in."""

from .breakage import Breakage

ACTS, APPEND, BOMBS, CLIENT, MATRIX = (
    *(f"tests/integration/test_{name}.py" for name in ("audit_acts", "audit_append_only", "import_bombs")),
    "tests/unit/test_registry_client.py",
    "tests/integration/test_permission_matrix.py",
)
STREAM, FIELDS = "trials/registry/json_stream.py", "trials/registry/fields.py"
RULES, READING = "trials/eligibility/rules.py", "tests/unit/test_rules_reading.py"
SOURCES = "tests/unit/test_registry_sources.py"
HISTORY = "tests/integration/test_history.py"
KINDS, KINDS_TEST = "trials/admin/file_kinds.py", "tests/integration/test_file_kinds.py"
PUBLISHING, TRAIL, READER = "trials/services/publishing.py", "trials/models/audit.py", "trials/files/reader.py"

BROKEN = (
    Breakage(
        "a coordinator publishes nothing",
        "trials/groups.py",
        '_may("import export", "trial")',
        '_may("import export publish", "trial")',
        "tests/integration/test_groups.py",
    ),
    Breakage("an auditor changes nothing", "trials/groups.py", 'AUDITOR: _may("view",', 'AUDITOR: _may("view change",', MATRIX),
    Breakage(
        "nobody changes the trail on a page",
        "trials/admin/audit.py",
        "def has_change_permission(self, _request: HttpRequest, _obj: AuditEntry | None = None) -> bool:\n        return False",
        "def has_change_permission(self, _request: HttpRequest, _obj: AuditEntry | None = None) -> bool:\n        return True",
        "tests/integration/test_audit_page.py",
    ),
    Breakage(
        "a change of a listing is kept with who made it",
        "prescreen/settings.py",
        '    "simple_history.middleware.HistoryRequestMiddleware",',
        "   ",
        f"{HISTORY} -k one_save",
    ),
    Breakage(
        "a change by many rows at once is kept, too",
        "trials/history.py",
        "bulk_update_with_history(rows, model, fields, default_change_reason=reason)",
        "model._base_manager.bulk_update(rows, fields)",
        f"{HISTORY} -k only_moved",
    ),
    Breakage(
        "a change of a listing is told with what was there before",
        "trials/admin/history.py",
        "            before = latest.pop(key, None)",
        "            before = versions[-1] if latest.pop(key, None) else None",
        f"{HISTORY} -k one_save",
    ),
    Breakage("the model changes no line of the trail", TRAIL, "        if not self._state.adding:\n            _refuse()\n", "", f"{APPEND} -k model"),
    Breakage(
        "the database deletes no line of the trail",
        "trials/migrations/0006_audit.py",
        "BEFORE DELETE ON trials_auditentry BEGIN",
        "BEFORE DELETE ON trials_auditentry WHEN 0 BEGIN",
        f"{APPEND} -k database",
    ),
    Breakage(
        "a change is in the trail",
        "trials/admin/audited.py",
        "        audit.record(Act.CHANGE, obj, detail=_in_words(message))\n",
        "",
        f"{ACTS} -k TestChanges",
    ),
    Breakage(
        "a deletion is in the trail",
        "trials/admin/audited.py",
        "        for obj in queryset:\n            audit.record(Act.DELETE, obj)\n",
        "",
        f"{ACTS} -k TestChanges",
    ),
    Breakage(
        "refused publishing is in the trail",
        PUBLISHING,
        '        audit.record(Act.PUBLISH_REFUSED, trial, detail="; ".join(map(str, faults)), by=by)\n',
        "",
        f"{ACTS} -k TestPublishing",
    ),
    Breakage(
        "an import is in the trail",
        "trials/importing/saving.py",
        '                    audit.record(Act.IMPORT, models.Trial(nct_id=outcome.name), detail=f"{REGISTRY}: {outcome.action}")',
        "                    pass",
        f"{ACTS} -k BringingIn",
    ),
    Breakage("a refused import is in the trail", "trials/importing/saving.py", "    if refused and not dry_run:", "    if False:", f"{ACTS} -k BringingIn"),
    Breakage(
        "a change of an account is in the trail",
        "trials/audit.py",
        'if _signed_in() and set(update_fields or ()) != {"last_login"}:',
        "if False:",
        f"{ACTS} -k TestAccounts",
    ),
    Breakage(
        "a refusal is in the trail",
        "prescreen/doors/desk_audit.py",
        "request.user.is_authenticated and _is_refusal(request, response):",
        "False:",
        f"{ACTS} -k TestRefusals",
    ),
    Breakage(
        "no cell is a formula",
        "trials/admin/table_files.py",
        'f"\'{text}" if _LIKE_A_FORMULA.match(text) else text',
        "text",
        "tests/integration/test_formula_escaping.py -k begins",
    ),
    Breakage("only files of known endings are taken", KINDS, "    if not name.endswith(endings):", "    if False:", KINDS_TEST),
    Breakage("a packed file is one", KINDS, "name.endswith(PACKED) and not is_packed:", "False:", KINDS_TEST),
    Breakage("a file of text is one", KINDS, ' or any(b"\\0" in chunk for chunk in file.chunks())', "", KINDS_TEST),
    Breakage("a table is named as one", "trials/admin/table_pages.py", "        file_kinds.check(file, file_kinds.TABLES)\n", "", KINDS_TEST),
    Breakage("deep JSON is refused", "trials/registry/replies.py", "    if _deeper_than(DEEPEST, page):", "    if False:", f"{CLIENT} -k nested"),
    Breakage(
        "a number is one that can be kept",
        "trials/registry/replies.py",
        "parse_float=_finite, ",
        "",
        "tests/integration/test_registry_misbehaves.py -k hostile",
    ),
    Breakage(
        "no key is there twice in the registry's answer",
        "trials/registry/replies.py",
        ", object_pairs_hook=_mapping",
        "",
        "tests/unit/test_registry_client.py -k no_use",
    ),
    Breakage(
        "no key is there twice in a record's file",
        STREAM,
        "        if len(found) < len(pairs):",
        "        if False:",
        f"{SOURCES} -k twice",
    ),
    Breakage("a deep record is refused in words", STREAM, "            except RecursionError:", "            except MemoryError:", f"{BOMBS} -k import_page"),
    Breakage(
        "a number of a record is one that can be kept",
        STREAM,
        "return number if math.isfinite(number) else self._refuse(text)",
        "return number",
        f"{SOURCES} -k broken_file",
    ),
    Breakage(
        "half of a character is refused in words",
        FIELDS,
        "if half := _HALF_CHARACTER.search(value):",
        "if half := None:",
        f"{SOURCES} -k broken_file",
    ),
    Breakage(
        "a packed file is unpacked up to its limit",
        "trials/registry/sources.py",
        "        if self.tell() > self.most:",
        "        if False:",
        f"{BOMBS} -k packed_file",
    ),
    Breakage(
        "a page unpacks less than a command",
        "trials/admin/bringing_in.py",
        "read_sources([stored], unpacked=LARGEST_UNPACKED)",
        "read_sources([stored])",
        f"{BOMBS} -k import_page",
    ),
    Breakage(
        "a file at the desk has 20 MB",
        "trials/admin/bringing_in.py",
        "LARGEST_UPLOAD, LARGEST_UNPACKED = 20_000_000",
        "LARGEST_UPLOAD, LARGEST_UNPACKED = 20_400_000",
        "tests/integration/test_desk_bringing_in.py -k 20_megabytes",
    ),
    Breakage(
        "a damaged record is refused",
        FIELDS,
        "        if not isinstance(value, str):\n",
        "        if False:\n",
        "tests/integration/test_import_damaged_records.py",
    ),
    Breakage(
        "a rule is never run as a program",
        RULES,
        "        raise _syntax_error(fault, text) from None",
        "        raise RuleError(str(eval(text)), 1) from fault",
        f"{READING} -k no_sentence",
    ),
    Breakage(
        "a wrong rule is refused with its place",
        RULES,
        '    return RuleError(f"{found} at column {column}; expected {wanted}", column)',
        '    return RuleError(f"{found} at column {column}; expected {wanted}", 1)',
        f"{READING} -k no_sentence",
    ),
    Breakage(
        "a packed answer is unpacked up to a limit",
        "trials/registry/client.py",
        "if response.status_code == 200 and len(body) > most:",
        "if False:",
        f"{CLIENT} -k so_large",
    ),
    Breakage(
        "no redirect of the registry is followed", "trials/registry/client.py", "follow_redirects=False", "follow_redirects=True", f"{CLIENT} -k redirect"
    ),
    Breakage(
        "no other host is asked", "trials/registry/client.py", "        if not ADDRESS.fullmatch(base):", "        if False:", f"{CLIENT} -k other_address"
    ),
    Breakage(
        "a tag of YAML is refused",
        READER,
        'yaml, "CSafeLoader", yaml.SafeLoader)',
        'yaml, "CUnsafeLoader", yaml.UnsafeLoader)',
        "tests/integration/test_hostile_text.py -k yaml",
    ),
    Breakage("a paper has a time", "prescreen/press.py", "            timer.start()\n", "", "tests/integration/test_pdf_bounds.py -k too_long_is_given"),
    Breakage(
        "a paper has a memory",
        "prescreen/paper/typeset.py",
        "    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))\n",
        "",
        "tests/integration/test_pdf_bounds.py -k memory",
    ),
    Breakage(
        "a record is looked up by its number alone",
        "trials/signin/site.py",
        'if "" in (request.GET.get(TO_FIELD_VAR), request.POST.get(TO_FIELD_VAR)):',
        "if False:",
        "tests/integration/test_any_desk_form.py -k looked_up",
    ),
    Breakage(
        "an export is filtered by what its list has",
        "trials/admin/table_pages.py",
        "except IncorrectLookupParameters:",
        "except TableError:",
        "tests/integration/test_any_desk_form.py -k export_is",
    ),
    Breakage(
        "a number that is too large is the number of no record",
        "trials/models/lookups.py",
        "or lowest <= value <= highest",
        "or True",
        "tests/integration/test_large_numbers.py",
    ),
)
