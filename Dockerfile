# One file, one target for each image: operator, router, browser-pod, demo-site.
#   docker build --target router -t lmarena-bridge/router .
# Dependencies come locked with hashes; nothing of pip or a compiler is in the images.

FROM debian:trixie-slim AS base
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates python3 tini \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin bridge
ENV PATH=/opt/bridge/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
ENTRYPOINT ["/usr/bin/tini", "--"]

FROM base AS build
RUN apt-get update && apt-get install -y --no-install-recommends python3-pip python3-venv
RUN python3 -m venv /opt/build && /opt/build/bin/python -m pip install --quiet hatchling
COPY pyproject.toml README.md LICENSE /src/
COPY crds/bridge_api /src/crds/bridge_api
COPY runtime/bridge_runtime /src/runtime/bridge_runtime
COPY operator/bridge_operator /src/operator/bridge_operator
COPY router/bridge_router /src/router/bridge_router
COPY browser_pod /src/browser_pod
COPY cli/bridge_cli /src/cli/bridge_cli
RUN /opt/build/bin/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /wheel /src
RUN python3 -m venv --without-pip /opt/bridge
COPY requirements /requirements

FROM build AS build-operator
RUN /opt/build/bin/python -m pip --python /opt/bridge install --quiet --require-hashes -r /requirements/operator.txt \
 && /opt/build/bin/python -m pip --python /opt/bridge install --quiet --no-deps /wheel/*.whl

FROM build AS build-router
RUN /opt/build/bin/python -m pip --python /opt/bridge install --quiet --require-hashes -r /requirements/router.txt \
 && /opt/build/bin/python -m pip --python /opt/bridge install --quiet --no-deps /wheel/*.whl

FROM build AS build-browser-pod
RUN /opt/build/bin/python -m pip --python /opt/bridge install --quiet --require-hashes -r /requirements/browser-pod.txt \
 && /opt/build/bin/python -m pip --python /opt/bridge install --quiet --no-deps /wheel/*.whl

FROM build AS build-demo-site
RUN /opt/build/bin/python -m pip --python /opt/bridge install --quiet --require-hashes -r /requirements/demo-site.txt \
 && /opt/build/bin/python -m pip --python /opt/bridge install --quiet --no-deps /wheel/*.whl

FROM base AS operator
COPY --from=build-operator /opt/bridge /opt/bridge
USER 10001
EXPOSE 9090
CMD ["python", "-m", "bridge_operator"]

FROM base AS router
COPY --from=build-router /opt/bridge /opt/bridge
USER 10001
EXPOSE 5104 9090
CMD ["python", "-m", "bridge_router"]

FROM base AS browser-pod
RUN apt-get update \
 && apt-get install -y --no-install-recommends chromium-headless-shell fonts-liberation fonts-noto-color-emoji \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build-browser-pod /opt/bridge /opt/bridge
USER 10001
EXPOSE 8080 9090
CMD ["python", "-m", "bridge_browser"]

FROM base AS demo-site
COPY --from=build-demo-site /opt/bridge /opt/bridge
USER 10001
EXPOSE 5105
CMD ["python", "-m", "bridge_demo_site"]
