"""Error reports that cannot hold an answer, for whoever has Django send them by e-mail: see docs/privacy.md."""

import traceback

from django.views.debug import ExceptionReporter


class BareReporter(ExceptionReporter):
    """Of an error only its type and the code lines it passed through: no message, no variables, nothing of the request but its way of asking.

    Django's own report quotes posted forms, cookies and the values of variables.
    """

    def get_traceback_text(self) -> str:
        """The report as plain text."""
        frames = traceback.extract_tb(self.tb) if self.tb else []
        places = [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        named = self.exc_type.__name__ if self.exc_type else "No exception"
        method = self.request.method if self.request else "no request"
        return "\n".join([f"{named} ({method})", *places, ""])

    def get_traceback_html(self) -> None:
        """There is no report as a page: what holds more than the text would hold too much."""
