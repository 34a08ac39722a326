# The examples with Afoot beside them, as an app of your own would have it.
FROM node:24-alpine AS build
WORKDIR /afoot
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN node scripts/prepare.mjs && npm pack --ignore-scripts --pack-destination /
# The package, what a store and a broker need beside it, and nothing of what it is developed with.
WORKDIR /app
RUN npm init --yes >/dev/null && npm pkg set type=module && npm install --no-audit --no-fund --ignore-scripts /afoot-*.tgz \
    $(node --print "const { devDependencies: versions } = require('/afoot/package.json'); \
      ['pg', '@nats-io/jetstream', '@nats-io/transport-node', 'zod'].map((name) => name + '@' + versions[name]).join(' ')")
COPY examples .
RUN mkdir data

FROM node:24-alpine
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app .
COPY --from=build --chown=node /app/data data
USER node
# Where SQLite is, unless a store is named.
VOLUME /app/data
EXPOSE 8080
ENTRYPOINT ["node_modules/.bin/afoot"]
CMD ["start", "app.ts"]
