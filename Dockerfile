# Daypass in a container. Run in this folder:
#
#   docker build -t daypass .
#   docker run -d --name daypass -p 127.0.0.1:8000:8000 -v daypass:/app/instance \
#       -e DAYPASS_BASE_URL=https://login.example.org daypass
#   docker logs daypass                                         # has the link for the first account

# This tag gets updates of Python and Debian: rebuild from time to time, with --pull.
FROM python:3.11-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /app

# An unprivileged user, which owns only the database's folder. USER below names it by number, so that a supervisor can
# verify that it is not root.
RUN useradd --system --uid 10001 --user-group --home-dir /app --no-create-home --shell /usr/sbin/nologin daypass \
    && install -d -o daypass -g daypass -m 700 /app/instance

COPY requirements.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore --require-hashes -r requirements.lock

COPY app.py ./
COPY daypass/ daypass/
COPY templates/ templates/
COPY static/ static/
COPY deploy/healthy.py deploy/
RUN printf '#!/bin/sh\nexec python /app/app.py "$@"\n' > /usr/local/bin/daypass && chmod 755 /usr/local/bin/daypass
# The user below may not write compiled modules, and without them each start and command takes longer.
RUN python -m compileall -q app.py daypass

USER 10001:10001
ENV DAYPASS_HOST=0.0.0.0 DAYPASS_PORT=8000
EXPOSE 8000
VOLUME /app/instance
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["python", "deploy/healthy.py"]
CMD ["python", "app.py"]
