# Every service of Hydra, one image each: docker build --build-arg SERVICE=gate -t hydra/gate .
# SERVICE: gate, http, game or chat. Plain Dockerfile syntax: works with and without BuildKit.

# A Debian whose C library is new enough for uWebSockets.js: 2.38 for its binaries for Node.js 22 and 24, 2.27 for Node.js
# 20. An Alpine image has none of the kind; the build says so and stops. For builds that can be repeated to the byte, name
# the image by its digest.
ARG NODE_IMAGE=node:24-trixie-slim
ARG SERVICE

FROM ${NODE_IMAGE} AS build
WORKDIR /src
# First what only changes with the dependencies, so that this layer is shared by all services and most changes.
COPY package.json package-lock.json .npmrc ./
COPY apps/chat/package.json apps/chat/
COPY apps/game/package.json apps/game/
COPY apps/gate/package.json apps/gate/
COPY apps/http/package.json apps/http/
COPY benchmarks/package.json benchmarks/
COPY libs/bots/package.json libs/bots/
COPY libs/client/package.json libs/client/
COPY libs/persistence/package.json libs/persistence/
COPY libs/protocol/package.json libs/protocol/
COPY libs/rpc/package.json libs/rpc/
COPY libs/runtime/package.json libs/runtime/
COPY libs/testing/package.json libs/testing/
COPY tools/package.json tools/
# What is installed is what the lockfile names, with its hashes. No package here needs its install script.
RUN npm ci --ignore-scripts
COPY . .
ARG SERVICE
RUN node --conditions=source --import tsx tools/src/build/build-image.ts "$SERVICE" /app

FROM ${NODE_IMAGE} AS runtime
ARG SERVICE
LABEL org.opencontainers.image.title="hydra-${SERVICE}" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production
# Belongs to root and is written by nobody: the container can run with a read-only file system.
COPY --from=build /app /app
WORKDIR /app
# By number, so that Kubernetes can see that it is not root; "node" in the official images.
USER 1000:1000
STOPSIGNAL SIGTERM
# Without a shell in between, so that the signal reaches Node.js, which drains and exits 0.
ENTRYPOINT ["node", "--enable-source-maps", "/app/main.mjs"]
CMD []
HEALTHCHECK --interval=10s --timeout=4s --start-period=60s --retries=3 CMD ["node", "/app/health-check.mjs"]

# In a container the operations endpoint has to be open to the network of the container: 127.0.0.1 would reach nobody.
FROM runtime AS gate
ENV HYDRA_OPS_HOST=0.0.0.0 HYDRA_HEALTH_URL=http://127.0.0.1:9101/readyz
EXPOSE 3250 9101

FROM runtime AS http
ENV HYDRA_OPS_HOST=0.0.0.0 HYDRA_HEALTH_URL=http://127.0.0.1:9104/readyz
EXPOSE 9001 9104

FROM runtime AS game
ENV HYDRA_OPS_HOST=0.0.0.0 HYDRA_HEALTH_URL=http://127.0.0.1:9102/readyz
EXPOSE 9102

FROM runtime AS chat
ENV HYDRA_OPS_HOST=0.0.0.0 HYDRA_HEALTH_URL=http://127.0.0.1:9103/readyz
EXPOSE 9103

FROM ${SERVICE}
