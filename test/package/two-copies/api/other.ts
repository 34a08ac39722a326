// Everything that the copy beside app.ts exports, for the project around it.
export * as afoot from "afoot";
export * as natsBrokers from "afoot/brokers/nats";
export * as client from "afoot/client";
export * as conformance from "afoot/conformance";
export * as credentials from "afoot/credentials";
export * as fastify from "afoot/fastify";
export * as react from "afoot/react";
export * as server from "afoot/server";
export * as postgresStores from "afoot/stores/postgres";
export * as sqliteStores from "afoot/stores/sqlite";
export * as testing from "afoot/testing";
export * as worker from "afoot/worker";
