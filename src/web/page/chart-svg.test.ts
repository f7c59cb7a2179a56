import { expect, test } from "vitest";
import { renderChartSvg, type Picture } from "./chart-svg.ts";

const picture: Picture = {
  title: 'Bytes of <b>"',
  times: [0, 10, 20, 30],
  lines: [
    { label: "one", values: [0, 50, null, 100], colour: "#112233" },
    { label: "edge", values: [0, 0, 0, 9999], colour: "#000000", isSilent: true },
  ],
  format: (value) => `${value} B`,
  formatTime: (time) => `t${time}`,
  from: 0,
  to: 30,
  ink: "#000000",
  ground: "#ffffff",
};

test("a gap breaks the line, silent series are neither drawn nor scaled to, text is escaped", () => {
  const svg = renderChartSvg(picture);
  const [, line = ""] = /<path d="([^"]+)" fill="none" stroke="#112233"/.exec(svg) ?? [];
  expect(line.match(/M/g)).toHaveLength(2);
  expect(svg).toContain(">100 B<");
  expect(svg).not.toContain("9999");
  expect(svg).toContain("Bytes of &lt;b&gt;&quot;");
});

test("a zoomed chart is scaled to what is in sight", () => {
  const svg = renderChartSvg({ ...picture, to: 10 });
  expect(svg).toContain(">50 B<");
  expect(svg).toContain(">t10<");
  expect(svg).not.toContain(">100 B<");
});
