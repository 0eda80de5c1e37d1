# The controller as an image: the program, gpg, tini, their libraries, CA certificates, and nothing else.
#
#   docker build --tag hydra-clients:0.1.0 --build-arg REVISION=$(git rev-parse HEAD) .
#
# For a base that stays the same (packages are the newest of its release), name it by its digest: --build-arg DEBIAN=debian:12-slim@sha256:...
ARG DEBIAN=debian:12-slim

FROM ${DEBIAN} AS build
WORKDIR /source
COPY deploy/install-packages deploy/install-packages
RUN deploy/install-packages build image-content && rm -rf /var/lib/apt/lists
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY schemas schemas
COPY controller controller
ARG REVISION=
ARG JOBS=
ARG CCACHE_DIR=/root/.cache/ccache
ARG CMAKE_FLAGS=
RUN --mount=type=cache,target=/root/.cache/ccache \
    export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1 && \
    cmake --preset release -DHYDRA_CLIENTS_TESTS=OFF -DHYDRA_CLIENTS_COMMIT="$(printf %.12s "$REVISION")" $CMAKE_FLAGS && \
    cmake --build --preset release --parallel "${JOBS:-$(nproc)}" && \
    DESTDIR=/image cmake --install build/release --prefix /usr --strip
COPY deploy/image deploy/image
RUN deploy/image/make-root /image

FROM scratch
COPY --from=build /image /
ARG REVISION=
ARG DEBIAN
LABEL org.opencontainers.image.title="hydra-clients" \
      org.opencontainers.image.description="Keeps the OAuth 2.0 clients of an ORY Hydra as they stand in Git" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${DEBIAN}"
ENV PATH=/usr/bin
USER 10001:10001
WORKDIR /var/lib/hydra-clients
# The one place that is written to: the outbox, the state. GnuPG's private folder is made in /dev/shm, in memory.
VOLUME /var/lib/hydra-clients
EXPOSE 9464
HEALTHCHECK --interval=20s --timeout=5s --retries=6 CMD ["/usr/bin/hydra-clients", "health"]
# GPGME leaves its gpg processes to process 1 to be waited for. tini does that, and passes signals on.
ENTRYPOINT ["/usr/bin/tini", "--", "/usr/bin/hydra-clients"]
CMD ["run"]
