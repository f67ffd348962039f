# Two images of the controller, full (git, ssh and gpg, which GitSource objects need) and slim (none of them):
#
#   docker build --target full --tag registry.example.com/fairlead:0.1.0 .
#   docker build --target slim --tag registry.example.com/fairlead:0.1.0-slim .
#
# The tags below name images by version, not by content. Give each with its digest for builds that must not change:
# --build-arg NODE_IMAGE=docker.io/library/node:24.21.0-bookworm-slim@sha256:...
# More: docs/guides/kubernetes-image.md
ARG NODE_IMAGE=docker.io/library/node:24.21.0-bookworm-slim
# glibc, libstdc++, certificate authorities and a user without a name. Of the same Debian release as the image above.
ARG BASE_IMAGE=gcr.io/distroless/cc-debian12:nonroot

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build

FROM ${NODE_IMAGE} AS tools
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git gnupg openssh-client
COPY deploy/image/collect-tools.sh /collect-tools.sh
RUN sh /collect-tools.sh /collected

FROM ${BASE_IMAGE} AS slim
COPY --from=build /usr/local/bin/node /usr/bin/node
COPY --from=build /build/dist /opt/fairlead
# What is freed goes back to the operating system at once: glibc otherwise keeps some 10 MiB of it.
ENV NODE_ENV=production \
    HOME=/state \
    PATH=/usr/bin \
    MALLOC_ARENA_MAX=2 \
    MALLOC_MMAP_THRESHOLD_=65536 \
    MALLOC_TRIM_THRESHOLD_=65536
LABEL org.opencontainers.image.title="Fairlead" \
      org.opencontainers.image.description="GitOps for mini-program releases on super-app platforms" \
      org.opencontainers.image.licenses="Apache-2.0"
USER 65532:65532
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/node", "/opt/fairlead/fairlead.js"]
CMD ["run", "--kubernetes", "--listen=0.0.0.0:8080", "--state=/state/fairlead"]

FROM slim AS full
COPY --from=tools /collected/usr /usr
# git starts ssh through it; nothing else here needs a shell.
COPY --from=tools /collected/sh /bin/sh
