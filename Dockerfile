# The image of one function:    docker build --build-arg FUNCTION=orders --tag shop/orders .
# The job that migrates:        docker build --target migrate --tag shop/migrate .
# Docker, BuildKit and buildah build it, for amd64 and arm64.

# For both stages, as a code cache is good for just the Node that made it.
ARG BASE_IMAGE=docker.io/library/node:24.21.0-trixie-slim@sha256:8ec5d7557396cfe32d21c3f9c13072355ceab22b584578ca4bb28af31120cffe
# Where the bundle is made: the same Node, with npm.
ARG BUILD_IMAGE=${BASE_IMAGE}

FROM ${BUILD_IMAGE} AS packages
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund

# What all functions are made of. .dockerignore lets in nothing that no bundle needs, so that an edited test builds nothing.
FROM packages AS sources
COPY tsconfig.json ./
COPY scripts scripts
COPY bench bench
COPY shared shared
COPY db db

# Only its own folder: what another function is changed in leaves this image as it is.
FROM sources AS bundle
ARG FUNCTION
COPY functions/${FUNCTION} functions/${FUNCTION}
RUN node scripts/image.ts "${FUNCTION}" /out

FROM sources AS bundle-migrate
RUN node scripts/image.ts migrate /out

FROM ${BASE_IMAGE} AS base
# Also where a distroless image has it.
ENV NODE_ENV=production PATH=/usr/local/bin:/usr/bin:/bin:/nodejs/bin
WORKDIR /app
# No name, so that Kubernetes can see that it is not root.
USER 65532:65532
STOPSIGNAL SIGTERM
# No shell in between: node is the first process, and gets the signals.
ENTRYPOINT ["node", "main.cjs"]
CMD []
LABEL org.opencontainers.image.licenses="Apache-2.0"

FROM base AS migrate
COPY --from=bundle-migrate /out/migrate/ ./
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="shop/migrate" \
      org.opencontainers.image.description="Brings a database of the shop to its newest migration" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

FROM base AS function
ARG FUNCTION
COPY --from=bundle /out/${FUNCTION}/ ./
EXPOSE 8080 9464
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="shop/${FUNCTION}" \
      org.opencontainers.image.description="The function ${FUNCTION} of the shop" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
