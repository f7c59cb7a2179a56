import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Unit tests before scenarios: most mutants are dead before a scenario is played. */
class UnitTestsFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isStory = ({ moduleId }: TestSpecification): boolean => !moduleId.includes("/src/");
    return Promise.resolve(files.toSorted((a, b) => Number(isStory(a)) - Number(isStory(b))));
  }
}

// What `npm run test:mutants` runs for every changed line: the tests beside detect/, attribution/ and words/, the scenarios, and
// the stories of what stands beside the counters.
export default defineConfig({
  test: {
    include: ["src/{attribution,detect,words}/**/*.test.ts", "test/scenarios/*.test.ts", "test/beside/stories.test.ts"],
    exclude: ["src/detect/many-rows.test.ts"],
    testTimeout: 300_000,
    maxWorkers: 1,
    isolate: false,
    sequence: { sequencer: UnitTestsFirst },
  },
});
