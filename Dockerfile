# Stratograph in a container: no package manager's leftovers, no root, nothing written to its file system.

FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# The sources need their tools; what is run needs none of them.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY build.ts tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="Stratograph" \
      org.opencontainers.image.description="One GraphQL graph over Waldur and Danube Cloud" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=4000 \
    METRICS_PORT=9464
WORKDIR /stratograph
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY package.json LICENSE schema.graphql subgraph.graphql ./
COPY bin ./bin
# "node" in the image's own list of users; a number, so that Kubernetes can see that it is not root.
USER 1000:1000
EXPOSE 4000 9464
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "bin/stratograph.cjs", "health", "--live"]
ENTRYPOINT ["node", "bin/stratograph.cjs"]
CMD ["serve"]
