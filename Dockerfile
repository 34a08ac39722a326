# The examples with Afoot installed beside them. A pattern for the image of your own app.
FROM node:24-alpine AS build
WORKDIR /afoot
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN node scripts/build.mjs && npm pack --ignore-scripts --pack-destination /
# Installs the package and the peer dependencies of stores and brokers, without development dependencies.
WORKDIR /app
RUN npm init --yes >/dev/null && npm pkg set type=module && npm install --no-audit --no-fund --ignore-scripts /afoot-*.tgz \
    $(node --print "const { devDependencies: versions } = require('/afoot/package.json'); \
      ['fastify', 'pg', '@nats-io/jetstream', '@nats-io/transport-node', 'zod'].map((name) => name + '@' + versions[name]).join(' ')")
COPY examples .
RUN mkdir data

FROM node:24-alpine
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app .
COPY --from=build --chown=node /app/data data
USER node
# Contains the SQLite file, unless another store is configured.
VOLUME /app/data
EXPOSE 8080
ENTRYPOINT ["node_modules/.bin/afoot"]
CMD ["start", "app.ts"]
