// Engines that are not ours to run here, by what their API answers: tenants and paths of Mimir and Cortex, answers of Thanos and
// of a VictoriaMetrics cluster that are not whole, and what is no engine at all.

import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { engineUrl, readFleet } from "./engine.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

interface Asked {
  readonly path: string;
  readonly tenant: unknown;
  readonly query: string;
}

/** An engine that answers every question alike, or by the metric that is asked for. */
async function engine(
  answer: (asked: Asked) => object | string,
  status = 200,
): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const query = new URLSearchParams(Buffer.concat(parts).toString()).get("query") ?? "";
      const one = { path: request.url ?? "", tenant: request.headers["x-scope-orgid"], query };
      asked.push(one);
      const told = answer(one);
      response.writeHead(status).end(typeof told === "string" ? told : JSON.stringify(told));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const vector = (result: object[]): object => ({ status: "success", data: { resultType: "vector", result } });
const NOW = 1_700_000_000_000;
const seen = vector([{ metric: { job: "w", instance: "h0" }, value: [NOW / 1000, String(NOW / 1000)] }]);

test("a path and a tenant of Mimir or Cortex are kept in every question", async () => {
  const { url, asked } = await engine(({ query }) => (query.includes("last_over_time") ? seen : vector([])));
  const options = { url: engineUrl(`${url}/prometheus/api/v1/query`), headers: { "X-Scope-OrgID": "team" } };
  const { hosts, gaps } = await readFleet({ ...options, matchers: 'job="w"' }, NOW);
  expect({ hosts: hosts.map(({ name }) => name), gaps }).toEqual({ hosts: ["h0"], gaps: [] });
  for (const each of asked) expect(each).toMatchObject({ path: "/prometheus/api/v1/query", tenant: "team" });
  for (const { query } of asked) expect(query).toContain('job="w"');
});

test("an answer that is not whole is shown, and said once not to be", async () => {
  const warning = "No StoreAPIs matched for this query: store-7 is down";
  const thanos = await engine(() => ({ ...seen, warnings: [warning, 7] }));
  const { gaps } = await readFleet({ url: engineUrl(thanos.url), headers: {} }, NOW);
  expect(gaps.filter(({ problem }) => problem.includes("not whole"))).toEqual([
    { where: `${thanos.url}/`, problem: `the answer is not whole, machines may be missing: ${warning}` },
  ]);
  const cluster = await engine(() => ({ ...seen, isPartial: true }));
  const told = await readFleet({ url: engineUrl(cluster.url), headers: {} }, NOW);
  expect(told.gaps[0]?.problem).toContain("a storage node did not answer");
});

test.each([
  ["a page of a proxy", () => "<html>log in</html>", 200, /is this the address of a Prometheus API/],
  [
    "an error in words of the engine",
    () => ({ status: "error", error: "too many samples" }),
    422,
    /422: too many samples/,
  ],
  ["another API", () => ({ status: "success", data: { resultType: "matrix" } }), 200, /not that of an instant query/],
])("%s ends in one line", async (_, answer, status, words) => {
  const { url } = await engine(answer, status);
  await expect(readFleet({ url: engineUrl(url), headers: {} }, NOW)).rejects.toThrow(words);
});
