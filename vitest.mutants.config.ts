import { defineConfig } from "vitest/config";

// What `npm run test:mutants` runs for every changed line: the tests beside detect/, attribution/ and words/, the scenarios, and
// the stories of what stands beside the counters.
export default defineConfig({
  test: {
    include: ["src/{attribution,detect,words}/**/*.test.ts", "test/scenarios/*.test.ts", "test/beside/stories.test.ts"],
    testTimeout: 60_000,
    maxWorkers: 1,
  },
});
