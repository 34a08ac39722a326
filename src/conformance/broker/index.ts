import { describe } from "node:test";
import type { BrokerConformanceOptions } from "./fixture.ts";
import { noticesSuite } from "./notices.ts";
import { requestsSuite } from "./requests.ts";
import { serversSuite } from "./servers.ts";
import { statusSuite } from "./status.ts";

export type { BrokerConformanceOptions, BrokerFixture } from "./fixture.ts";

/** Registers the tests that every broker must pass, with `node:test`. */
export function brokerConformance(options: BrokerConformanceOptions): void {
  describe(`broker conformance: ${options.name}`, () => {
    requestsSuite(options);
    noticesSuite(options);
    if (options.capabilities?.servers === true) serversSuite(options);
    if (options.capabilities?.status === true) statusSuite(options);
  });
}
