"""The WSGI application, for a server such as granian."""

import os
import resource

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prescreen.settings")
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would hold answers and the key
application = get_wsgi_application()

from .charset import Utf8Request  # noqa: E402 - it needs the settings, and the views their apps

application.request_class = Utf8Request
