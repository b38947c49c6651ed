# A recursive, validating resolver of one's own: blocklists refuse public ones.
ARG BASE=debian:bookworm-slim
FROM ${BASE}
RUN apt-get update \
  && apt-get install -y --no-install-recommends unbound dns-root-data \
  && rm -rf /var/lib/apt/lists/*
COPY unbound.conf /etc/unbound/unbound.conf
USER unbound
CMD ["unbound", "-d", "-p"]
