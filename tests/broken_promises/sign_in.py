"""Signing in at the desk."""

from .breakage import Breakage

SETTINGS, PAGES, SESSIONS, FORMS = "prescreen/settings.py", "trials/signin/pages.py", "trials/signin/sessions.py", "trials/signin/forms.py"
STEP = "trials/signin/second_step.py"
SECOND, PROOF, LOCKOUT, PASSWORDS, LASTING, PLACES, GUESSING, INITIAL = (
    f"tests/integration/test_signin_{name}.py"
    for name in ("second_step", "proof", "lockout", "passwords", "sessions", "places", "guessing", "initial_passwords")
)

BROKEN = (
    Breakage("the desk opens to nobody without a code", "trials/signin/site.py", " and second_step.is_done(request)", "", f"{SECOND} -k without_a_code"),
    Breakage("no recovery code is stored readably", STEP, "token=_stored(code, device)", "token=code", f"{SECOND} -k readably"),
    Breakage(
        "passwords are kept by Argon2",
        SETTINGS,
        '["django.contrib.auth.hashers.Argon2PasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]',
        '["django.contrib.auth.hashers.PBKDF2PasswordHasher", "django.contrib.auth.hashers.Argon2PasswordHasher"]',
        f"{SECOND} -k argon2",
    ),
    Breakage(
        "a code of the app is good for one time",
        STEP,
        "        return None\n    return device\n",
        "        return None\n    TOTPDevice.objects.update(last_t=-1)\n    return device\n",
        f"{SECOND} -k test_a_code_works_once",
    ),
    Breakage("the code that set up an app is used up", STEP, "    app.last_t = _clock(app).t()", "    app.last_t = -1", f"{SECOND} -k setting_up_works"),
    Breakage(
        "a recovery code is good for one time",
        STEP,
        "        return None\n    return device\n",
        "        return None\n    _is_code(typed) or StaticToken.objects.create(device=device, token=_stored(typed, device))\n    return device\n",
        f"{SECOND} -k recovery_code_works_once",
    ),
    Breakage("an open session changes no second step", PAGES, ' and proof.is_given(request, form, "another app")', "", f"{PROOF} -k WithoutProof"),
    Breakage(
        "wrong proofs lock out",
        "trials/signin/proof.py",
        '        lockout.note_wrong(request, request.user, f"{what}: wrong password")\n',
        "",
        f"{PROOF} -k Guessing",
    ),
    Breakage("five wrong passwords lock out", SETTINGS, "AXES_FAILURE_LIMIT = 5", "AXES_FAILURE_LIMIT = 50", f"{LOCKOUT} -k five_wrong"),
    Breakage("an attacker locks out nobody else", SETTINGS, '[["username", "ip_address"]]', '["username"]', f"{LOCKOUT} -k attacker"),
    Breakage("one address cannot try many names", "trials/signin/lockout.py", " or _wrong_from(request) >= PER_ADDRESS", "", f"{LOCKOUT} -k many_names"),
    Breakage("a password has 15 signs", SETTINGS, '{"min_length": 15}', '{"min_length": 8}', f"{PASSWORDS} -k 'guess or signs'"),
    Breakage(
        "words of this site make no password",
        "trials/signin/guessing.py",
        '"|".join(map(re.escape, longest_first))',
        '"^$"',
        f"{GUESSING} -k words_of_this_site",
    ),
    Breakage("no easy password at the admin's pages", SETTINGS, '    {"NAME": "trials.signin.guessing.GuessingValidator"},\n', "", f"{GUESSING} -k EachWay"),
    Breakage("no common password", "trials/signin/guessing.py", "ENOUGH = 10**10", "ENOUGH = 10**5", f"{GUESSING} -k 'thousands or bound'"),
    Breakage("checking a password never takes long", "trials/signin/guessing.py", "LOOKED_AT = 40", "LOOKED_AT = 4000", f"{GUESSING} -k takes_long"),
    Breakage(
        "a password that somebody else chose opens nothing",
        "trials/signin/site.py",
        " and (not initial_passwords.is_to_change(request.user) or request.path in to_change)",
        "",
        f"{INITIAL} -k 'nothing_else or from_somebody'",
    ),
    Breakage(
        "whoever adds an account is not its owner",
        "trials/management/commands/add_staff.py",
        "        initial_passwords.note(user)\n",
        "",
        f"{INITIAL} -k from_somebody",
    ),
    Breakage(
        "a superuser who sets a password is not its owner",
        FORMS,
        "            initial_passwords.note(user)\n",
        "            pass\n",
        f"{INITIAL} -k from_somebody",
    ),
    Breakage(
        "a new password is another one",
        FORMS,
        '            self.add_error("new_password1", _("This is your old',
        '            str(_("This is your old',
        f"{INITIAL} -k differs",
    ),
    Breakage("an initial password lasts 7 days", "trials/signin/initial_passwords.py", "timedelta(days=7)", "timedelta(days=70)", f"{INITIAL} -k seven_days"),
    Breakage(
        "one's own password takes the old one",
        "trials/signin/accounts.py",
        "if self.get_object(request, unquote(id)) == request.user:",
        "if unquote(id) == str(request.user.pk):",
        f"{INITIAL} -k ones_own",
    ),
    Breakage(
        "a password that a superuser sets meanwhile holds", FORMS, "filter(pk=user.pk, password=old)", "filter(pk=user.pk)", f"{INITIAL} -k sets_meanwhile"
    ),
    Breakage(
        "an account that is closed meanwhile stays closed",
        FORMS,
        'user.save(update_fields=["password"])\n            initial_passwords.forget(user)',
        "user.save()\n            initial_passwords.forget(user)",
        f"{INITIAL} -k closed",
    ),
    Breakage(
        "whoever runs a command for a password is not its owner",
        "trials/management/commands/changepassword.py",
        "            initial_passwords.note(user)\n",
        "",
        f"{INITIAL} -k from_somebody",
    ),
    Breakage(
        "another app ends what the old one opened", PAGES, "    sessions.end_others(app.user, request.session.session_key)", "    pass", f"{PLACES} -k old_one"
    ),
    Breakage("a session ends after 30 minutes without a request", SESSIONS, "abs(now - seen) >= IDLE or ", "", f"{LASTING} -k past_a_limit"),
    Breakage("a session ends after 8 hours", SESSIONS, " or now - started >= WHOLE", "", f"{LASTING} -k past_a_limit"),
    Breakage(
        "signing out everywhere ends all sessions",
        SESSIONS,
        "    return _remove(key for key, _held in _sessions_of(user))",
        "    return len([key for key, _held in _sessions_of(user)])",
        f"{LASTING} -k everywhere_ends_all",
    ),
    Breakage(
        "signing out everywhere ends what is half way", SESSIONS, ' or held.get(PASSWORD_GIVEN, {}).get("user")', "", f"{LASTING} -k everywhere_ends_a_sign_in"
    ),
    Breakage("nobody ends a session of somebody else", SESSIONS, "if _person(held) == str(user.pk)", "if held", f"{PLACES} -k somebody_else"),
    Breakage(
        "the key of a session is on no page",
        SESSIONS,
        'salted_hmac("trials.signin.sessions", key, algorithm="sha256").hexdigest()',
        "key",
        f"{PLACES} -k no_page",
    ),
    Breakage(
        "the trail tells a recovery code from a code of the app",
        "prescreen/doors/desk_audit.py",
        '"recovery code" if is_recovery(device) else ',
        "",
        "tests/integration/test_audit_sign_in.py -k proved_with",
    ),
    Breakage(
        "whoever used a recovery code reads how many are left",
        PAGES,
        "            if second_step.is_recovery(device):",
        "            if False:",
        f"{SECOND} -k how_many_are_left",
    ),
    Breakage(
        "a refused sign-in is in the trail",
        "prescreen/doors/desk_audit.py",
        "    audit.record(Act.SIGN_IN_REFUSED, account or model, detail=detail, address=_address(request))",
        "    pass",
        "tests/integration/test_audit_acts.py -k SigningIn",
    ),
)
