"""What a key and an NCT number look like."""

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

key_validator = RegexValidator(r"^[A-Za-z0-9_][A-Za-z0-9_-]*\Z", _("Use letters, digits and _ only."))
nct_validator = RegexValidator(r"^NCT[0-9]{8}\Z", _("An NCT number is “NCT” and 8 digits."))
