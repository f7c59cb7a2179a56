import { defineConfig } from "vitest/config";

// The Windows build under Wine; started by `npm run test:windows`, which looks for what it needs first.
export default defineConfig({
  test: {
    include: ["test/windows/*.wine.ts"],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    maxWorkers: 1,
    fileParallelism: false,
  },
});
