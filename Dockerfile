# The site for production: two stages, so that pip and its cache stay behind. Nothing secret is in it: keys come with the environment when it runs.
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
RUN python -m venv /opt/venv
COPY requirements.lock ./
# Every file must have the hash that the lock names, and nothing is built here: wheels only, so no package runs a program of its own while it is installed.
RUN /opt/venv/bin/pip install --require-hashes --only-binary :all: -r requirements.lock
COPY manage.py ./
COPY prescreen prescreen
COPY trials trials
COPY templates templates
# The settings refuse to start without a key, so this step has one that is made here and forgotten with the step.
RUN DJANGO_SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(60))')" DJANGO_ALLOWED_HOSTS=localhost DATABASE_URL=sqlite:////tmp/none.sqlite3 \
    /opt/venv/bin/python manage.py collectstatic --noinput

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 GRANIAN_WORKERS=2
RUN groupadd --system --gid 10001 prescreen && useradd --system --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin prescreen
# A new volume that is mounted here takes its owner from it.
RUN install --directory --owner=10001 --group=10001 --mode=0700 /backups
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
COPY deploy/is_healthy.py deploy/is_healthy.py
# By number, so that an orchestrator can see that it is not root. The program belongs to root: who breaks in cannot change it.
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["python", "deploy/is_healthy.py"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--blocking-threads", "1", "--no-ws", "--respawn-failed-workers", "--log-level", "warning", "prescreen.wsgi:application"]
