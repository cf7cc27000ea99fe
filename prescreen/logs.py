"""Log lines that cannot hold an answer: what failed and where, without messages, values or addresses."""

import json
import logging
import time
import traceback

OUR_LOGGERS = ("trials", "prescreen")


class BareFormatter(logging.Formatter):
    """Time in UTC, level, logger and place; of an error only its type and the code lines it passed through."""

    converter = time.gmtime
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        """One record as text. Messages of others are left out: they may quote what a patient typed. Ours are fixed sentences."""
        ours = record.name.split(".", 1)[0] in OUR_LOGGERS
        said = record.msg if ours and isinstance(record.msg, str) else f"logged at {record.module}.{record.funcName}"
        line = f"{self.formatTime(record)} {record.levelname} {record.name}: {said}"
        if record.exc_info and record.exc_info[0]:
            frames = traceback.extract_tb(record.exc_info[2])
            places = "".join(f"\n  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)
            line += f"{places}\n  {record.exc_info[0].__name__}"
        return line


class RequestFormatter(logging.Formatter):
    """What ``prescreen.doors.request_log`` tells about a request."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        return json.dumps(record.args)
